/* Keys of the desk: / search, j k move, x select, Enter open, ? help. Off when the person says so on this device. */

const STORE = "face.keys";
const read = () => { try { return localStorage.getItem(STORE) !== "off"; } catch { return true; } };
const write = (on) => { try { localStorage.setItem(STORE, on ? "on" : "off"); } catch { /* private window: only this page */ } };
let on = read();

const help = document.getElementById("keys");
const toggle = document.querySelector("[data-keys-switch]");
const opener = document.querySelector("[data-open-keys]");
if (toggle) {
  toggle.checked = on;
  toggle.addEventListener("change", () => { on = toggle.checked; write(on); });
}
if (opener && help) {
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
}

const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")].filter((row) => row.offsetParent);
const current = () => document.querySelector("[data-row].is-current");

const move = (by) => {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  current()?.classList.remove("is-current");
  next.classList.add("is-current");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a[href], input[type=checkbox]")?.focus({ preventScroll: true });
};

const actions = {
  "/": () => (document.querySelector("[data-site-search], input[type=search]"))?.focus(),
  "?": () => help?.showModal(),
  j: () => move(1),
  k: () => move(-1),
  x: () => current()?.querySelector("input[type=checkbox]")?.click(),
  Enter: () => current()?.querySelector("a[href]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (!on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
  if (typing) return;
  if (event.key === "Enter" && (event.target.closest("a, button, summary, input") || !current())) return;
  const act = actions[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
