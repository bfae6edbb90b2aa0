/** How many letters must be typed differently; swapped neighbours count once. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The allowed name that was probably meant, if one is near enough. */
export function didYouMean(name: string, allowed: readonly string[]): string | undefined {
  if (name.length > 100) return undefined;
  const wanted = name.toLowerCase();
  let best: { readonly name: string; readonly far: number } | undefined;
  for (const candidate of allowed) {
    const far = distance(wanted, candidate.toLowerCase());
    if (best === undefined || far < best.far) best = { name: candidate, far };
  }
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return best !== undefined && best.far <= limit ? best.name : undefined;
}
