// Before anything is drawn, so that no light page flashes in the dark. Not a module: those wait.
(() => {
  let kept = null;
  try {
    kept = localStorage.getItem("groundswell.theme");
  } catch {
    // Storage is off: the system's theme.
  }
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();
