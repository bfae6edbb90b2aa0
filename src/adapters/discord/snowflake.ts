/** Discord's ids begin with the time, counted from 2015. */
const epochMs = 1_420_070_400_000;
const timeShift = 22n;

/** When an id was made; 0 for what is none. */
export function snowflakeMs(id: string): number {
  return /^\d{1,20}$/.test(id) ? Number(BigInt(id) >> timeShift) + epochMs : 0;
}

/** The smallest id of that time: what came after has greater ones. */
export function snowflakeAt(ms: number): string {
  return String(BigInt(Math.max(0, Math.floor(ms) - epochMs)) << timeShift);
}

export const isSnowflake = (text: string): boolean => /^\d{5,20}$/.test(text);
