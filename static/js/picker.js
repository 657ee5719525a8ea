/* A search field with a list of options: an ARIA 1.2 combobox with a listbox. Options come as HTML from data-url. */

const WAIT = 180;
const partOf = (option) => ({ ...option.dataset });

const set = (picker) => {
  const input = picker.querySelector("[data-picker-input]");
  const list = picker.querySelector("[role=listbox]");
  const live = picker.querySelector("[data-picker-live]");
  let timer = 0;
  let asked = null;
  let active = null;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const mark = (option) => {
    active?.setAttribute("aria-selected", "false");
    active = option ?? null;
    if (!active) return input.removeAttribute("aria-activedescendant");
    active.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({ block: "nearest" });
  };
  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); mark(null); };
  const show = () => { list.hidden = false; input.setAttribute("aria-expanded", "true"); };

  const choose = (option) => {
    const target = picker.dataset.picker;
    close();
    if (target) {
      input.value = "";
      picker.dispatchEvent(new CustomEvent("face:pick", { bubbles: true, detail: { target, part: partOf(option) } }));
      input.focus();
    } else {
      input.value = option.dataset.number ?? option.textContent.trim();
      if (hidden) { hidden.value = option.dataset.id; hidden.dispatchEvent(new Event("change", { bubbles: true })); }
    }
  };

  const ask = async () => {
    const query = input.value.trim();
    asked?.abort();
    if (!query) { list.replaceChildren(); live.textContent = ""; return close(); }
    asked = new AbortController();
    const url = new URL(picker.dataset.url, location.href);
    url.searchParams.set("q", query);
    try {
      const answer = await fetch(url, { signal: asked.signal, headers: { "HX-Request": "true" } });
      if (!answer.ok) return close();
      list.innerHTML = await answer.text();
    } catch { return; }
    active = null;
    options().forEach((option, index) => { option.id = `${list.id}-${index}`; option.setAttribute("aria-selected", "false"); });
    const found = options().length;
    live.textContent = found === 0 ? live.dataset.none : found === 1 ? live.dataset.one : live.dataset.many.replace("%n", found);
    show();
    if (found) mark(options()[0]);
    // A scanner types a whole number and Enter before the answer is here: its Enter is remembered.
    if (input.dataset.enter === query && found) choose(exact(query) ?? options()[0]);
    delete input.dataset.enter;
  };
  const exact = (query) => options().find((option) => option.dataset.number?.toLowerCase() === query.toLowerCase());

  const hidden = picker.querySelector("[data-picker-value]");
  input.addEventListener("input", () => {
    if (hidden) hidden.value = ""; // what was chosen is no longer what is written
    clearTimeout(timer); timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!all.length) return;
      event.preventDefault();
      show();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(all[(all.indexOf(active) + step + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!list.hidden && active) choose(active);
      else if (input.value.trim()) { input.dataset.enter = input.value.trim(); clearTimeout(timer); ask(); }
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") close();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
  input.addEventListener("blur", () => setTimeout(() => { if (!picker.contains(document.activeElement)) close(); }, 100));
  picker.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-chip]");
    if (!chip) return;
    event.preventDefault();
    choose(chip);
  });
  picker.querySelector("[data-picker-find]")?.setAttribute("hidden", "");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  picker.dataset.ready = "1";
};

const enhance = (root = document) => root.querySelectorAll("[data-picker]:not([data-ready])").forEach(set);
document.addEventListener("htmx:load", (event) => enhance(event.target));
document.addEventListener("face:added", (event) => enhance(event.target));
enhance();
