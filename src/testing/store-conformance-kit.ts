import assert from 'node:assert/strict';
import type { ChannelKey } from '../contracts/id.ts';
import type { Script, Store, StoreReads, Tx } from '../contracts/store.ts';
import { channelRow, keyOf, sessionRow } from './store-conformance-rows.ts';

/** One store over fresh data. */
export interface StoreUnderTest {
  /** The one that is open now. */
  readonly store: Store;
  /** As after a restart: the same data, a new store; the old one is closed. */
  reopen(): Promise<Store>;
  /** Sets columns of one row behind the store's back, as a fault of a disk or another hand would. */
  corrupt(row: CorruptRow): void | Promise<void>;
  /** How many rows a table has. */
  count(table: string): number | Promise<number>;
  end(): Promise<void>;
}

export interface CorruptRow {
  readonly table: string;
  readonly where: Readonly<Record<string, string | number>>;
  readonly set: Readonly<Record<string, string | number | null>>;
}

export interface StoreSubject {
  readonly name: string;
  open(): Promise<StoreUnderTest>;
}

/** The two functions of a test runner that are needed: those of vitest, jest or node:test. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/** Registers a test with a store of its own. */
export type StoreTest = (name: string, body: (under: StoreUnderTest) => Promise<void>) => void;

/** One transaction of puts alone. */
export function put(store: Store, body: (tx: Tx) => void): Promise<void> {
  return store.write('put', function* (tx) {
    yield* nothing();
    body(tx);
  });
}

/** For a script that waits for nothing. */
export function* nothing(): Script<void> {}

/** One read. */
export function get<T>(store: Store, script: (reads: StoreReads) => Script<T>): Promise<T> {
  return store.read(script);
}

/** The Channels, and the Session that most rows name. */
export function putBasics(store: Store, channels: readonly number[] = [1]): Promise<void> {
  return put(store, (tx) => {
    for (const n of channels) {
      tx.putChannel(channelRow(n));
      tx.putAlias(keyOf(n), keyOf(n));
    }
    tx.putSession(sessionRow(1));
  });
}

/** Rejects with that code, of either class. */
export async function refuses(
  code: string,
  work: Promise<unknown>,
): Promise<{ ids: Readonly<Record<string, string | number>>; message: string }> {
  try {
    await work;
  } catch (error) {
    const {
      code: is,
      ids,
      message,
    } = error as { code?: string; ids: Readonly<Record<string, string | number>>; message: string };
    assert.equal(is, code, `refused with ${is}: ${message}`);
    return { ids, message };
  }
  assert.fail(`was not refused with ${code}`);
}

export const ids = (rows: readonly { readonly id: string }[]): string[] =>
  rows.map((row) => row.id);
export const key1: ChannelKey = keyOf(1);
export const key2: ChannelKey = keyOf(2);
