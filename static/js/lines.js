/* Lines of parts with steppers: the part just found stands on top, lines with a quantity are marked, and a scanner's
   Enter moves on. A line that gets a part says so with face:line { part, isNew }. */

export const isUsed = (line) => Number(line.querySelector("[data-quantity]").value || 0) > 0;

const mark = (line) => line.classList.toggle("is-selected", isUsed(line));

const chosen = ({ target, part }) => {
  const box = document.querySelector(`[data-formset="${target}"]`);
  const line = [...box.querySelectorAll("[data-line-row]")].find((each) => each.querySelector("[data-fill=id]").value === part.id);
  if (!line) return;
  const isNew = !line.dataset.ready;
  if (isNew) {
    line.dataset.ready = "1";
    if (part.step) line.querySelector("[data-quantity]").step = part.step;
    line.parentElement.prepend(line);
  }
  mark(line);
  line.dispatchEvent(new CustomEvent("face:line", { bubbles: true, detail: { part, isNew } }));
  line.scrollIntoView({ block: "nearest" });
};

/* A part to take instead of another: with this module it is picked at once, without it the button asks the server. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-instead]");
  if (!button) return;
  event.preventDefault();
  const target = button.closest("[data-formset]").dataset.formset;
  button.dispatchEvent(new CustomEvent("face:pick", { bubbles: true, detail: { target, part: { ...button.dataset } } }));
});
document.addEventListener("face:pick", (event) => setTimeout(() => chosen(event.detail)));
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-quantity]")) mark(event.target.closest("[data-line-row]"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || !event.target.matches("[data-line-row] input")) return;
  event.preventDefault();
  const fields = [...event.target.form.querySelectorAll("input:not([type=hidden], [type=radio]), select")].filter((field) => field.offsetParent);
  fields[fields.indexOf(event.target) + 1]?.focus();
});
for (const line of document.querySelectorAll("[data-line-row]")) line.dataset.ready = "1";
