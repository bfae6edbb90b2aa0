/** CommonMark that shows a text as it was written: nothing in it is markup, and no address in it becomes a link. */
export function neutral(text: string): string {
  return text
    .replace(/[\\`*_~[\]<>&|#]/g, '\\$&')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/^(\s*)([-+=])/gm, '$1\\$2')
    .replace(/^(\s*\d{1,9})([.)])/gm, '$1\\$2');
}
