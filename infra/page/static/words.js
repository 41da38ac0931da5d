// Which language the page speaks, and its words.

import { CHINESE } from "./words_zh.js";
import { ENGLISH } from "./words_en.js";

const ALL = { en: ENGLISH, zh: CHINESE };
const KEPT = "groundswell.language";

function chosen() {
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept in ALL) return kept;
  } catch {
    // Storage is off: the browser's language.
  }
  return navigator.languages.some((one) => /^(zh|en)/.test(one)) &&
    navigator.languages.find((one) => /^(zh|en)/.test(one)).startsWith("zh")
    ? "zh"
    : "en";
}

let now = chosen();

export const language = () => now;

/** Speak `en` or `zh` from now on. */
export function speak(next) {
  now = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // Only for this visit.
  }
}

/** A word, with {names} filled in; two forms are for one and for other numbers of `n`. */
export function t(key, given = {}) {
  let form = ALL[now][key];
  if (form === undefined) return key;
  if (Array.isArray(form)) form = form[given.n === 1 || given.n === "1" ? 0 : 1];
  return form.replace(/\{(\w+)\}/g, (whole, name) => given[name] ?? whole);
}

/** What stands between two sentences. */
export const gap = () => (now === "zh" ? "" : " ");

/** A word of a vocabulary that may grow: what is not known is shown as it is. */
export const word = (group, name) => {
  const key = `${group}.${name}`;
  return key in ALL[now] ? t(key) : String(name).replaceAll("_", " ");
};

/** A language by its own name here: `de` is German, or 德语. */
export function languageName(code) {
  if (!code || code === "und") return t("language.unknown");
  try {
    return new Intl.DisplayNames([now === "zh" ? "zh-CN" : "en"], { type: "language" }).of(code);
  } catch {
    return code;
  }
}

/** Whether a text of the line is in the language that is read now. */
export const isInLanguage = (text) => /\p{Script=Han}/u.test(text) === (now === "zh");
