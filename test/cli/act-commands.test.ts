import { afterEach, describe, expect, test } from 'vitest';
import type { CancelResult } from '../../src/cli/control-protocol.ts';
import { type ControlServer, startControl } from '../../src/cli/control-server.ts';
import { ContractError, StoreError } from '../../src/contracts/error.ts';
import type { CancelAnswer } from '../../src/contracts/relay.ts';
import { acting, type FakeCli, fakeCli } from './fake-context.ts';
import { aReceipt, aTask, id, listed } from './fake-rows.ts';

const tasks = [aTask('a1b2'), aTask('c3d4', { seq: 2 })];
const cancelled = { end: 'cancelled', reason: 'enough', by: 'ann' } as const;
const servers: ControlServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A running process beside the command line. */
async function running(cli: FakeCli, answer: CancelAnswer | Error): Promise<unknown[]> {
  const asked: unknown[] = [];
  const target = {
    cancel: async (...args: unknown[]) => {
      asked.push(args);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    redrive: async (receipt: string, how: unknown) => {
      asked.push([receipt, how]);
      return aReceipt('4e01', { state: 'pending' });
    },
    ping: () => ({ pid: 7, version: '0.1.0' }),
  };
  servers.push(await startControl({ path: `${cli.file}.sock`, target: target as never }));
  return asked;
}

describe('readback cancel', () => {
  test('with a running process: through its socket, without the lock', async () => {
    const cli = fakeCli({ tasks });
    const asked = await running(cli, { kind: 'cancelled', cause: cancelled });
    expect(await cli.run('cancel', 'a1b2', '--reason', ' enough ')).toEqual({
      code: 0,
      out: 'Cancelled a1b2: enough, by ann.\n',
      err: '',
    });
    expect(asked).toEqual([[id('a1b2'), { reason: 'enough', by: 'ann' }]]);
    expect(cli.calls).toEqual([]);
  });

  test('a blank reason is none', async () => {
    const cli = fakeCli({ tasks });
    const asked = await running(cli, { kind: 'cancelled', cause: cancelled });
    await cli.run('cancel', 'a1b2', '--reason', '  ');
    expect(asked).toEqual([[id('a1b2'), { by: 'ann' }]]);
  });

  test.each<{ answer: CancelResult; code: number; out: string }>([
    {
      answer: { kind: 'already_ended', cause: { end: 'completed', reason: 'done' } },
      code: 1,
      out: 'a1b2 had already ended: completed (done).',
    },
    {
      answer: { kind: 'already_ended', cause: cancelled },
      code: 0,
      out: 'a1b2 had already ended: cancelled (enough, by ann).',
    },
    {
      answer: { kind: 'detached', cause: cancelled },
      code: 0,
      out: 'a1b2 did not stop in its grace and was left behind. It ended: cancelled (enough, by ann).',
    },
    {
      answer: { kind: 'cancelled', cause: { end: 'completed', reason: 'done' } },
      code: 0,
      out: 'a1b2 ended first: completed (done).',
    },
  ])('$answer.kind $answer.cause.end: exit $code', async ({ answer, code, out }) => {
    const cli = fakeCli({ tasks });
    await running(cli, answer);
    expect(await cli.run('cancel', 'a1b2')).toEqual({ code, out: `${out}\n`, err: '' });
    expect(JSON.parse((await cli.run('cancel', 'a1b2', '--json')).out)).toEqual({
      task: id('a1b2'),
      shortId: 'a1b2',
      ...answer,
    });
  });

  test('when none runs: takes the lock, writes, gives it back', async () => {
    const cli = fakeCli({
      tasks,
      relay: acting(async () => ({ kind: 'stored', cause: cancelled })),
    });
    const { code, out } = await cli.run('cancel', 'a1b2');
    expect({ code, out }).toEqual({
      code: 0,
      out: 'Stored: a1b2 will be cancelled (enough, by ann). No bot is running: it is told at the next start.\n',
    });
    expect(cli.calls).toEqual(['lock', ['relay', 0, 0], 'unlock']);
  });

  test('what fails gives the lock back', async () => {
    const refuse = async (): Promise<never> => {
      throw new ContractError('no_such_task', 'there is no such task');
    };
    const cli = fakeCli({ tasks, relay: acting(refuse) });
    expect(await cli.run('cancel', 'a1b2')).toEqual({
      code: 1,
      out: '',
      err: 'readback: there is no such task\n',
    });
    expect(cli.calls.at(-1)).toBe('unlock');
  });

  test('a lock held by a process without a socket is told after some tries', async () => {
    const cli = fakeCli({ tasks, locked: true });
    const { code, err } = await cli.run('cancel', 'a1b2');
    expect(code).toBe(1);
    expect(err).toContain('readback.db is written by process 4711 on box');
  });

  test('a refusal of the running process, and its control text', async () => {
    const cli = fakeCli({ tasks });
    await running(cli, new ContractError('stopping', 'it stops\u001B[2J'));
    expect(await cli.run('cancel', 'a1b2')).toEqual({
      code: 1,
      out: '',
      err: 'readback: it stops␛[2J\n',
    });
  });
});

describe('readback redrive', () => {
  const receipts = [
    listed(aReceipt('4e01', { state: 'dead' }), 1),
    listed(aReceipt('4e02', { state: 'dead' }), 2),
    listed(aReceipt('14e02', { state: 'dead' }), 3),
    listed(aReceipt('4e09'), 4),
  ];

  test('by the tail of a dead one', async () => {
    const cli = fakeCli({ receipts });
    const asked = await running(cli, new Error());
    const { code, out } = await cli.run('redrive', '4e01');
    expect({ code, out }).toEqual({
      code: 0,
      out: `Receipt ${id('4e01')} is pending again and leaves by webchat/main/c1.\n`,
    });
    expect(asked).toEqual([[id('4e01'), { by: 'ann' }]]);
  });

  test('offline, by its whole id', async () => {
    const redrive = async (): Promise<ReturnType<typeof aReceipt>> =>
      aReceipt('4e01', { state: 'pending' });
    const cli = fakeCli({
      receipts,
      relay: acting(async () => Promise.reject(new Error()), redrive),
    });
    const { out } = await cli.run('redrive', id('4e01'), '--json');
    expect(JSON.parse(out)).toEqual({
      id: id('4e01'),
      state: 'pending',
      channel: 'webchat/main/c1',
    });
    expect(cli.calls).toEqual(['lock', ['relay', 0, 0], 'unlock']);
  });

  test.each([
    ['4e02', '2 dead receipts end in 4e02'],
    ['4e09', 'No dead receipt ends in 4e09'],
  ])('%s', async (tail, said) => {
    const { code, err } = await fakeCli({ receipts }).run('redrive', tail);
    expect(code).toBe(1);
    expect(err).toContain(said);
  });
});

describe('readback migrate and doctor', () => {
  test('migrate says what it did', async () => {
    const cli = fakeCli({ parts: { migrateStore: async () => ['0001_more', '0002_less'] } });
    expect((await cli.run('migrate')).out).toBe(
      `${cli.file} was brought up to date: 0001_more, 0002_less.\n`,
    );
    expect(JSON.parse((await cli.run('migrate', '--json')).out)).toEqual({
      file: cli.file,
      applied: ['0001_more', '0002_less'],
    });
    const done = fakeCli();
    expect((await done.run('migrate')).out).toBe(
      `${done.file} has this version's schema already.\n`,
    );
  });

  const files = {
    'w.mjs':
      "export const w = { name: 'demo', capabilities: {}, ensureSession() {}, dispose() {} }",
    'readback.config.json': '{"workers":["./w.mjs"],"port":0}',
  };
  interface Found {
    readonly ok: boolean;
    readonly checks: readonly {
      readonly name: string;
      readonly level: string;
      readonly text: string;
    }[];
  }
  const look = async (cli: FakeCli): Promise<{ code: number; found: Found }> => {
    const { code, out } = await cli.run('doctor', '--json');
    return { code, found: JSON.parse(out) as Found };
  };

  test('doctor: fit to start', async () => {
    const cli = fakeCli({ files });
    const { code, found } = await look(cli);
    expect(code).toBe(0);
    expect(found.checks.map((check) => `${check.name} ${check.level}`)).toEqual(
      expect.arrayContaining([
        'node ok',
        'config ok',
        'workers ok',
        'data ok',
        'database ok',
        'receipts warn',
        'incidents warn',
        'port ok',
      ]),
    );
    expect((await cli.run('doctor')).out).toMatch(
      /CHECK +RESULT +WHAT WAS FOUND\n[\s\S]*Fit to start\.\n$/,
    );
  });

  test('doctor: finds the running process, or who holds the lock', async () => {
    const cli = fakeCli({ files });
    await running(cli, new Error());
    expect((await look(cli)).found.checks).toContainEqual({
      name: 'running',
      level: 'ok',
      text: 'process 7, version 0.1.0',
    });
    const stuck = fakeCli({ files, locked: true });
    expect((await look(stuck)).found.checks).toContainEqual(
      expect.objectContaining({
        name: 'lock',
        level: 'warn',
        text: expect.stringContaining('process 4711 on box'),
      }),
    );
  });

  test('doctor: a database of an older version is no obstacle', async () => {
    const older = () => Promise.reject(new StoreError('older', 'migrate it'));
    const { code, found } = await look(fakeCli({ files, parts: { readStore: older } }));
    expect(code).toBe(0);
    expect(found.checks).toContainEqual(
      expect.objectContaining({ name: 'database', level: 'warn' }),
    );
  });

  test('doctor: not fit, and why', async () => {
    const { code, found } = await look(
      fakeCli({ database: false, env: { PORT: 'x', READBACK_LOGG: '1' } }),
    );
    expect(code).toBe(1);
    expect(found.ok).toBe(false);
    expect(found.checks).toContainEqual(
      expect.objectContaining({
        name: 'config',
        level: 'fail',
        text: expect.stringContaining('PORT (environment)'),
      }),
    );
  });
});
