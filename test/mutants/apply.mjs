/**
 * A fault planted on purpose: one place of the source, what stands there instead, and the promise that it breaks.
 * @typedef {object} Mutant
 * @property {string} name kebab-case, unique
 * @property {string} file from the root of the project
 * @property {string} search must stand in the file exactly once
 * @property {string} replace
 * @property {string} why the promise that it breaks
 * @property {readonly string[]} first test files that are likely to see it, tried before all others
 * @property {string} [equivalent] why nobody can tell it from the source: it must survive
 */

/**
 * The text with the fault in it. Throws when the place is not there, or there more than once: a fault that is not
 * planted proves nothing.
 * @param {string} text
 * @param {Mutant} mutant
 * @returns {string}
 */
export function applyMutant(text, mutant) {
  const { name, file, search, replace } = mutant;
  const times = text.split(search).length - 1;
  if (times !== 1) throw new Error(`${name}: its place stands ${times} times in ${file}, not once`);
  const at = text.indexOf(search);
  return text.slice(0, at) + replace + text.slice(at + search.length);
}
