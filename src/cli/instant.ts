const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time for people: `420 ms`, `12.3 s`, `4 min 05 s`, `3 h 20 min`, `2 d 4 h`. */
export function durationText(ms: number): string {
  const size = Math.abs(ms);
  const sign = ms < 0 ? '-' : '';
  if (size < second) return `${sign}${Math.round(size)} ms`;
  if (size < minute) return `${sign}${(Math.floor(size / 100) / 10).toString()} s`;
  if (size < hour) return `${sign}${pair(size, [minute, 'min'], [second, 's'])}`;
  if (size < day) return `${sign}${pair(size, [hour, 'h'], [minute, 'min'])}`;
  return `${sign}${Math.floor(size / day)} d ${Math.floor((size % day) / hour)} h`;
}

type Unit = readonly [size: number, name: string];

function pair(ms: number, big: Unit, small: Unit): string {
  const rest = Math.floor((ms % big[0]) / small[0]);
  return `${Math.floor(ms / big[0])} ${big[1]} ${rest.toString().padStart(2, '0')} ${small[1]}`;
}

/** `2026-11-20 23:20:05` in the machine's time zone; with `zone` the offset behind it. */
export function instantText(ms: number, zone = false): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return `(not a time: ${ms})`;
  const two = (n: number): string => n.toString().padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const text = `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return zone ? `${text} ${offsetText(date.getTimezoneOffset())}` : text;
}

function offsetText(minutesBehind: number): string {
  if (minutesBehind === 0) return 'UTC';
  const size = Math.abs(minutesBehind);
  const two = (n: number): string => n.toString().padStart(2, '0');
  return `UTC${minutesBehind > 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** `3 min 05 s ago`, `in 12 s`. */
export function agoText(ms: number, nowMs: number): string {
  return ms > nowMs ? `in ${durationText(ms - nowMs)}` : `${durationText(nowMs - ms)} ago`;
}

/** `+12.3 s`: when it happened, counted from a beginning. */
export function sinceText(ms: number, fromMs: number): string {
  return ms < fromMs ? durationText(ms - fromMs) : `+${durationText(ms - fromMs)}`;
}
