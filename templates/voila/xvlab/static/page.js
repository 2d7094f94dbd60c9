// What Voilà's page calls while the kernel runs, and what the header needs to know.
(function () {
  const steps = { text: "Preparing your page…", share: 0.1, arrived: false };
  const seconds_between_looks = 20;

  function show(text, share) {
    steps.text = text;
    steps.share = Math.max(steps.share, share);
    const line = document.getElementById("xv-loading-line");
    const bar = document.getElementById("xv-loading-bar");
    if (line) line.textContent = steps.text;
    if (bar) bar.value = steps.share;
  }

  function ready() {
    const loading = document.getElementById("loading");
    if (loading) loading.remove();
    document.documentElement.dataset.xvReady = "true";
  }

  function whenDrawn(cells) {
    const drawn = () => cells.querySelector(".jupyter-widgets, .xv-notice, .jp-RenderedText, .jp-RenderedHTMLCommon");
    if (drawn()) return ready();
    const watcher = new MutationObserver(() => { if (drawn()) { watcher.disconnect(); ready(); } });
    watcher.observe(cells, { childList: true, subtree: true });
    window.setTimeout(ready, 15000);
  }

  window.voila_heartbeat = () => {};
  window.update_loading_text = (index, count, text) => show(text || "Starting your page…", 0.1 + (0.6 * index) / (count + 1));
  window.voila_process = window.update_loading_text;
  window.display_cells = () => {
    steps.arrived = true;
    if (!window.themeLoaded) { window.cellLoaded = true; show("Drawing your page…", 0.75); return; }
    const cells = document.getElementById("rendered_cells");
    if (!cells) return;
    show("Drawing your page…", 0.9);
    cells.style.display = "";
    whenDrawn(cells);
  };
  window.voila_finish = window.display_cells;

  // The stream of the page was cut: its kernel did not start, or the server went away.
  function explainCut() {
    if (steps.arrived) return;
    document.getElementById("loading").hidden = true;
    document.getElementById("xv-cut").hidden = false;
  }

  const base = () => document.body.dataset.xvBase;
  const workspace = () => new URLSearchParams(window.location.search).get("workspace");

  function keepWorkspace() {
    if (!workspace()) return;
    document.querySelectorAll(".xv-nav a, a.xv-brand").forEach((link) => {
      const target = new URL(link.href);
      target.searchParams.set("workspace", workspace());
      link.href = target.href;
    });
  }

  function offerWorkspaces(names) {
    const choice = document.getElementById("xv-workspaces");
    if (names.length < 2) return;
    names.forEach((name) => choice.add(new Option(name, name, false, name === (workspace() || names[0]))));
    choice.hidden = false;
    choice.addEventListener("change", () => {
      window.location.search = new URLSearchParams({ workspace: choice.value }).toString();
    });
  }

  async function introduce() {
    const answer = await fetch(`${base()}session`, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const session = await answer.json();
    document.getElementById("xv-user-name").textContent = session.name;
    document.getElementById("xv-user-initial").textContent = session.name.slice(0, 1).toUpperCase();
    document.getElementById("xv-user").hidden = false;
    document.querySelector("#xv-sign-out input").value = session.xsrf;
    offerWorkspaces(session.workspaces);
  }

  function kernel() {
    const data = document.getElementById("jupyter-config-data");
    return data && JSON.parse(data.textContent).kernelId;
  }

  // Voilà ends the kernel of a page that goes away, but only once its own program runs.
  function endEarly() {
    if (!document.documentElement.dataset.xvReady && kernel()) navigator.sendBeacon(`${base()}voila/api/shutdown/${kernel()}`);
  }

  async function look() {
    if (document.hidden || !kernel()) return;
    let alive = false;
    try {
      const answer = await fetch(`${base()}api/kernels/${kernel()}`);
      alive = answer.ok && !answer.redirected;
    } catch { alive = false; }
    document.getElementById("xv-asleep").hidden = alive;
  }

  // A page has one labeller: its keys work without a click into it first.
  function lendKeys(event) {
    const labeller = document.querySelector(".xv-labeller");
    if (event.target !== document.body || !labeller) return;
    labeller.focus({ preventScroll: true });
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (!labeller.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, metaKey, altKey, shiftKey, cancelable: true }))) event.preventDefault();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.addEventListener("keydown", lendKeys);
    keepWorkspace();
    introduce();
    window.addEventListener("load", explainCut);
    window.addEventListener("pagehide", endEarly);
    document.addEventListener("visibilitychange", look);
    window.setInterval(look, seconds_between_looks * 1000);
  });
})();
