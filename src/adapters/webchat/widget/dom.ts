type Attributes = Readonly<Record<string, string>>;

/** Makes an element. Attributes and children go in as they are: text stays text. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A button that submits nothing. */
export function makeButton(
  attributes: Attributes,
  press: (button: HTMLButtonElement) => void,
  ...children: readonly (Node | string)[]
): HTMLButtonElement {
  const button = make('button', { type: 'button', ...attributes }, ...children);
  button.addEventListener('click', () => press(button));
  return button;
}
