/* Gives each number field with data-stepper a − and a + button. Without this module it stays a number field. */

const words = document.getElementById("words")?.dataset ?? {};
const svg = (name) => {
  const sample = document.querySelector("svg.icon use");
  const file = sample ? sample.getAttribute("href").split("#")[0] : "";
  return `<svg class="icon" aria-hidden="true"><use href="${file}#${name}"></use></svg>`;
};

const nameOf = (input) => input.getAttribute("aria-label") ?? input.labels?.[0]?.firstChild?.textContent?.trim() ?? "";

const refresh = (input) => {
  const box = input.closest(".stepper");
  const value = Number(input.value || 0);
  box.firstElementChild.disabled = input.disabled || (input.min !== "" && value <= Number(input.min));
  box.lastElementChild.disabled = input.disabled || (input.max !== "" && value >= Number(input.max));
};

const button = (direction, input) => {
  const made = document.createElement("button");
  made.type = "button";
  made.tabIndex = -1; // the field itself takes arrow keys; the buttons are for fingers
  made.dataset.step = direction;
  made.setAttribute("aria-label", `${direction < 0 ? words.less : words.more}: ${nameOf(input)}`);
  made.innerHTML = svg(direction < 0 ? "minus" : "plus");
  return made;
};

export const enhance = (root = document) => {
  for (const input of root.querySelectorAll("input[data-stepper]:not([data-stepper=ready])")) {
    let box = input.closest(".stepper");
    if (!box) {
      box = document.createElement("span");
      box.className = "stepper";
      input.replaceWith(box);
      box.append(input);
    }
    box.prepend(button(-1, input));
    box.append(button(1, input));
    input.dataset.stepper = "ready";
    refresh(input);
  }
};

document.addEventListener("click", (event) => {
  const pressed = event.target.closest(".stepper > button");
  if (!pressed) return;
  const input = pressed.parentElement.querySelector("input");
  const before = input.value;
  if (pressed.dataset.step < 0) input.stepDown(); else input.stepUp();
  if (input.value === before) return;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("input", (event) => {
  if (event.target.matches(".stepper > input")) refresh(event.target);
});
document.addEventListener("face:added", (event) => enhance(event.target));
document.addEventListener("htmx:load", (event) => enhance(event.target));
enhance();
