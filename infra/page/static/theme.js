// Before anything is drawn, so that no light page flashes in the dark. Not a module: those wait.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const choose = () => {
    let kept = null;
    try {
      kept = localStorage.getItem("groundswell.theme");
    } catch {
      // Storage is off: the system's theme.
    }
    const isKept = kept === "light" || kept === "dark";
    document.documentElement.dataset.theme = isKept ? kept : system.matches ? "dark" : "light";
  };
  choose();
  system.addEventListener("change", choose);
})();
