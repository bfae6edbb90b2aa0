import { expect, test } from 'vitest';
import { createChance } from '../../src/testing/chance.ts';
import { Disk, type DiskAct, readActs } from './disk-model.ts';

const write = (name: string, at: number, text: string): DiskAct => ({
  act: 'write',
  name,
  at,
  bytes: Buffer.from(text),
});
const act = (kind: 'create' | 'remove' | 'sync', name: string): DiskAct => ({ act: kind, name });
const truncate = (name: string, length: number): DiskAct => ({ act: 'truncate', name, length });

function diskOf(acts: readonly DiskAct[], safe: Record<string, string> = {}): Disk {
  const files = Object.entries(safe).map(([name, text]) => [name, Buffer.from(text)] as const);
  const disk = new Disk(new Map(files));
  for (const one of acts) disk.do(one);
  return disk;
}

const texts = (files: ReadonlyMap<string, Buffer>) =>
  Object.fromEntries([...files].map(([name, bytes]) => [name, String(bytes)]));

test('a cut takes what was written after the last sync', () => {
  const disk = diskOf(
    [write('a', 0, 'new'), act('sync', 'a'), write('a', 3, ' newer'), truncate('b', 1)],
    { a: 'old', b: 'long' },
  );
  expect(texts(disk.files())).toEqual({ a: 'new newer', b: 'l' });
  expect(texts(disk.afterCut())).toEqual({ a: 'new', b: 'long' });
});

test('a sync saves all that was written before, in its order', () => {
  const acts = [write('a', 6, 'end'), truncate('a', 2), write('a', 4, 'x'), act('sync', 'a')];
  expect(texts(diskOf(acts, { a: 'abcd' }).afterCut())).toEqual({ a: 'ab\0\0x' });
});

test('a new file is there, and a removed one gone, when its folder is synced', () => {
  const acts = [
    act('create', 'new'),
    write('new', 0, 'x'),
    act('sync', 'new'),
    act('remove', 'old'),
  ];
  expect(texts(diskOf(acts, { old: 'y' }).afterCut())).toEqual({ old: 'y' });
  expect(texts(diskOf([...acts, act('sync', '.')], { old: 'y' }).afterCut())).toEqual({ new: 'x' });
});

test('a file of the same name is another one: the old one comes back as it was', () => {
  const acts = [act('remove', 'a'), act('create', 'a'), write('a', 0, 'new'), act('sync', 'a')];
  expect(texts(diskOf(acts, { a: 'old' }).afterCut())).toEqual({ a: 'old' });
});

test('by chance any sectors of what was not synced are kept, and the same ones again', () => {
  const disk = diskOf([write('a', 512, 'n'.repeat(512 * 40))], { a: 'o'.repeat(512 * 41) });
  const cut = (seed: number) => String(disk.afterCut(createChance(seed)).get('a'));
  const sectors = (text: string) => text.match(/.{512}/g) ?? [];
  for (let seed = 1; seed <= 20; seed += 1) {
    expect(cut(seed)).toBe(cut(seed));
    expect(sectors(cut(seed)).every((one) => /^(n+|o+)$/.test(one))).toBe(true);
    expect(cut(seed).startsWith('o'.repeat(512))).toBe(true);
  }
  const all = Array.from({ length: 20 }, (_, seed) => cut(seed)).join('');
  expect(new Set(sectors(all)).size).toBe(2);
});

test('what is memory of the processes is no part of it', () => {
  expect(texts(diskOf([act('create', 'a-shm'), write('a-shm', 0, 'x')]).files())).toEqual({});
});

test('a log is read as it was written, and one that ends in the middle is refused', () => {
  const log = Buffer.from(
    'create a 0 0\nwrite a 7 3\n1\n2truncate a 5 0\nnote 12 0 0\nsync . 0 0\n',
  );
  expect([...readActs(log)]).toEqual([
    act('create', 'a'),
    write('a', 7, '1\n2'),
    truncate('a', 5),
    { act: 'note', name: '12' },
    act('sync', '.'),
  ]);
  expect(() => [...readActs(log.subarray(0, 26))]).toThrow('ends in half an act');
});
