// What a person takes along of a view: files, and the address that shows it again.

import { address } from "./api.js";
import { API } from "./base.js";
import { button, h } from "./dom.js";
import { toast } from "./dialog.js";
import { t } from "./words.js";

const KINDS = ["csv", "parquet"];

/** Links to files: of the overview, the health or a backtest, or of a brand's posts, counts or incidents. */
export const files = (whats, query) =>
  whats.flatMap((what) =>
    KINDS.map((kind) =>
      h("a", { href: address(`${API}/export/${what}.${kind}`, query), download: "" }, `${t(`export.${what}`)}, ${kind.toUpperCase()}`),
    ),
  );

/** A menu of them, and of more of them, with the address. */
export const exportMenu = (whats, query, more = []) =>
  h("details", { class: "menu" }, h("summary", {}, t("export")), h("div", {}, files(whats, query), more, button(t("copy_link"), copyLink, { class: "link" })));

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    toast(t("copied"));
  } catch {
    toast(t("not_copied"));
  }
}
