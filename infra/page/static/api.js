// The only place that speaks to the server.

import { API } from "./base.js";

export class ApiError extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status; // 0: no answer
  }
}

/** An address with a query, leaving out what is empty. */
export function address(path, query = {}) {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") asked.set(name, value);
  }
  const text = asked.toString();
  return text ? `${path}?${text}` : path;
}

export const brandPath = (brand, rest) => `/brands/${encodeURIComponent(brand)}/${rest}`;
export const incidentPath = (id, rest = "") =>
  `/incidents/${encodeURIComponent(id)}${rest && `/${rest}`}`;

async function answer(path, options) {
  let response;
  try {
    response = await fetch(API + path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "");
  }
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const body = isJson ? await response.json() : null;
  if (!response.ok) {
    const detail = typeof body?.detail === "string" ? body.detail : "";
    throw new ApiError(response.status, detail);
  }
  return body;
}

/** GET as JSON. Throws ApiError. */
export const get = (path, query = {}, signal = undefined) =>
  answer(address(path, query), { signal });

/** POST, DELETE, with a header that no other site's form can send. Throws ApiError. */
export const send = (method, path, body = {}) =>
  answer(path, {
    method,
    headers: { "content-type": "application/json", "x-groundswell": "page" },
    body: JSON.stringify(body),
  });
