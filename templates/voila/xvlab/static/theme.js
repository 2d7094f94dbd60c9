// Runs before the first paint: the scheme that was chosen here before, else the system's.
(function () {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try { return window.localStorage.getItem("xv-theme"); } catch { return null; }
  }
  function apply() {
    const dark = (chosen() || (system.matches ? "dark" : "light")) === "dark";
    document.documentElement.dataset.xvTheme = dark ? "dark" : "light";
    if (document.body) {
      document.body.dataset.jpThemeLight = String(!dark);
      document.body.dataset.jpThemeName = dark ? "JupyterLab Dark" : "JupyterLab Light";
    }
    document.querySelectorAll("[data-xv-toggle]").forEach((button) => {
      button.setAttribute("aria-label", dark ? "Switch to light colours" : "Switch to dark colours");
      button.title = button.getAttribute("aria-label");
      button.querySelector("[data-xv-sun]").toggleAttribute("hidden", !dark);
      button.querySelector("[data-xv-moon]").toggleAttribute("hidden", dark);
    });
  }
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-xv-toggle]");
    if (!button) return;
    if (event.detail) button.blur(); // after a click the keys belong to the page again
    const next = document.documentElement.dataset.xvTheme === "dark" ? "light" : "dark";
    try { window.localStorage.setItem("xv-theme", next); } catch { /* private window: for this page only */ }
    document.documentElement.dataset.xvTheme = next;
    apply();
  });
  apply();
  window.xvApplyTheme = apply;
})();
