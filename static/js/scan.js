/* A scanner is a keyboard: it types a code and Enter. On the desk each code ticks one piece of its line. */

const bare = (text) => text.toLowerCase().replace(/[\s-]/g, "");
document.querySelector("[data-scan-first]")?.focus();

for (const form of document.querySelectorAll("[data-scan-lines]")) {
  const field = form.querySelector("[data-scan-field]");
  const said = form.querySelector("[data-scan-said]");
  const lines = [...form.querySelectorAll("[data-line-row]")];
  const number = (line) => line.querySelector("[data-quantity]");
  let begun = false;

  /* The first scan starts from nothing: from then on the numbers are what was scanned. */
  const begin = () => {
    if (begun) return;
    begun = true;
    for (const line of lines) set(line, 0);
  };
  const set = (line, value) => {
    number(line).value = value;
    number(line).dispatchEvent(new Event("input", { bubbles: true }));
  };
  const read = (code) => {
    const fits = lines.filter((line) => line.dataset.codes.split("|").some((each) => each && bare(each) === bare(code)));
    if (!fits.length) { said.textContent = said.dataset.unknown.replace("%s", code); return; }
    begin();
    const next = fits.find((line) => Number(number(line).value) < Number(number(line).max));
    if (!next) { said.textContent = said.dataset.full.replace("%s", code); return; }
    set(next, Number(number(next).value) + 1);
    for (const line of lines) line.classList.toggle("is-selected", line === next);
    said.textContent = `${code} ✓`;
    next.scrollIntoView({ block: "nearest" });
  };

  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (field.value.trim()) read(field.value.trim());
    field.value = "";
  });
}
