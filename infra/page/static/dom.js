// Elements from text and nothing else: whatever strangers wrote reaches the page as text nodes.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  add(node, children);
  return node;
}

/** Append strings as text, nodes as they are, lists in order; null and false are nothing. */
export function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** An element. `props` are attributes; `on` are listeners. */
export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);

/** An element of SVG. */
export const svg = (tag, props, ...children) =>
  fill(document.createElementNS(SVG, tag), props, children);

/** Put children in the place of what a node holds. */
export function set(node, ...children) {
  node.replaceChildren();
  return add(node, children);
}

/** An address a stranger gave: http(s) only, else nothing. */
export function outside(url) {
  try {
    const parsed = new URL(url);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : null;
  } catch {
    return null;
  }
}

/** A link out of the page, which learns nothing of where the reader came from. */
export function linkOut(url, ...children) {
  const href = outside(url);
  if (!href) return h("span", {}, ...children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

/** Say something to those who listen. */
export function announce(text) {
  document.getElementById("said").textContent = text;
}

/** A button. */
export const button = (label, act, props = {}) =>
  h("button", { type: "button", class: "button", ...props, on: { click: act } }, label);
