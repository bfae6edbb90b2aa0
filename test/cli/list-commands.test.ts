import { describe, expect, test } from 'vitest';
import { fakeCli } from './fake-context.ts';
import { anIncident, aReceipt, aTask, atMs, id, listed } from './fake-rows.ts';

const invalid = [{ table: 'tasks', id: id('bad'), cause: 'state: \u001B[1mbroken' }];
const tasks = [
  aTask('a1b2', { seq: 3 }),
  aTask('c3d4', {
    seq: 7,
    title: '日本 report\u001B[2J',
    state: 'running',
    cause: undefined,
    endedAtMs: undefined,
    contract: { state: 'acked' },
    personName: undefined,
  }),
  aTask('e5f6', {
    seq: 9,
    title: 'third',
    cause: { end: 'cancelled', reason: 'enough', by: 'ann' },
  }),
];

describe('readback tasks', () => {
  test('a table that people can read and that a title cannot spoil', async () => {
    const { code, out } = await fakeCli({ tasks }).run('tasks');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'SEQ  TASK  STATE      PROMISE                  ASKED        TOOK  WORKER  BY   TITLE',
      '  3  a1b2  completed  terminal_acked  1 min 00 s ago        20 s  demo    Ann  slow 20',
      '  7  c3d4  running    acked           1 min 00 s ago  1 min 00 s  demo    v-1  日本 report␛[2J',
      '  9  e5f6  cancelled  terminal_acked  1 min 00 s ago        20 s  demo    Ann  third',
      '',
    ]);
  });

  test('says when it was cut and what cannot be read', async () => {
    const cli = fakeCli({ tasks, invalid });
    const { out } = await cli.run('tasks', '--limit', '1', '--after', '3', '--state', 'running');
    expect(out).toContain('c3d4');
    expect(out).not.toContain('more:');
    const cut = await cli.run('tasks', '--limit', '2');
    expect(cut.out).toContain('… more: readback tasks --limit 2 --after 7\n');
    expect(cut.out).toContain(`One row cannot be read:\n  tasks ${id('bad')}: state: ␛[1mbroken\n`);
    expect((await cli.run('tasks', '--open', '--limit', '1')).out).toContain('c3d4');
  });

  test('nothing to show is said', async () => {
    const cli = fakeCli();
    expect((await cli.run('tasks')).out).toBe('No tasks.\n');
    expect((await cli.run('tasks', '--open')).out).toBe('No such tasks.\n');
    expect((await cli.run('tasks', '--after', '9')).out).toBe('No tasks after 9.\n');
    expect((await cli.run('receipts')).out).toBe('No receipts.\n');
    expect((await cli.run('incidents', '--open')).out).toBe('No open incidents.\n');
  });

  test('--json is one document', async () => {
    const { out } = await fakeCli({ tasks, invalid }).run('tasks', '--json', '--limit', '1');
    expect(JSON.parse(out)).toEqual({
      items: [
        {
          id: id('a1b2'),
          shortId: 'a1b2',
          seq: 3,
          title: 'slow 20',
          state: 'ended',
          end: 'completed',
          reason: 'done',
          contract: 'terminal_acked',
          worker: 'demo',
          channel: 'webchat/main/c1',
          person: { id: 'v-1', name: 'Ann' },
          attempt: 1,
          acceptedAtMs: atMs,
          startedAtMs: atMs + 12,
          endedAtMs: atMs + 20_012,
        },
      ],
      more: true,
      after: 3,
      invalid,
    });
  });
});

describe('readback receipts and incidents', () => {
  const receipts = [
    listed(aReceipt('4e01'), 5),
    listed(
      aReceipt('4e02', {
        state: 'dead',
        reason: 'blocked by the person',
        parts: [],
        settledAtMs: atMs,
      }),
      6,
    ),
    listed(
      aReceipt('4e03', { state: 'pending', unseen: true, settledAtMs: undefined, parts: [] }),
      8,
    ),
  ];

  test('receipts: state, evidence, parts and reason', async () => {
    const { out } = await fakeCli({ receipts }).run('receipts');
    expect(out.split('\n').slice(0, 4)).toEqual(
      [
        'SEQ  RECEIPT   KIND      STATE                   PARTS  TRIES  OPENED    TASK      CHANNEL          REASON',
        '  5  00004e01  terminal  surfaced (rendered)       1/1      2  39.9 s ago  0000a1b2  webchat/main/c1  -',
        '  6  00004e02  terminal  dead                        -      2  39.9 s ago  0000a1b2  webchat/main/c1  blocked by the person',
        '  8  00004e03  terminal  pending (nobody looks)      -      2  39.9 s ago  0000a1b2  webchat/main/c1  -',
      ].map((line) => line.replace('OPENED    ', '    OPENED  ')),
    );
  });

  test('--json names no handle and no text', async () => {
    const { out } = await fakeCli({ receipts }).run('receipts', '--json', '--state', 'surfaced');
    expect(out).not.toMatch(/h-secret|Done after/);
    expect(JSON.parse(out)).toMatchObject({
      items: [
        {
          listSeq: 5,
          id: id('4e01'),
          state: 'surfaced',
          evidence: 'rendered',
          parts: 1,
          partsShown: 1,
        },
      ],
      more: false,
      after: 5,
      invalid: [],
    });
  });

  test('incidents', async () => {
    const { out } = await fakeCli({
      incidents: [anIncident(), anIncident({ seq: 2, closedAtMs: atMs })],
    }).run('incidents', '--open');
    expect(out.split('\n').slice(0, 3)).toEqual([
      'SEQ  KIND          STATE  COUNT          OPENED      LAST  ABOUT       REASON',
      '  1  receipt_dead  open       2  1 min 00 s ago  0 ms ago  receipt:4e  blocked',
      '',
    ]);
  });
});

describe('asked wrongly: exit 2, what came and what is allowed', () => {
  test.each([
    [['tasks', '--limit', '0'], `Got "0"; allowed: a whole number from 1 to 500.`],
    [['tasks', '--limit', '501'], `Got "501"; allowed: a whole number from 1 to 500.`],
    [['tasks', '--after', '-1'], 'Got "-1"; allowed: a whole number of at least 0.'],
    [
      ['tasks', '--state', 'runing'],
      'Got "runing"; allowed: queued, running, waiting, aborting, ended (did you mean running?).',
    ],
    [
      ['receipts', '--state', 'lost'],
      'Got "lost"; allowed: pending, claimed, unknown, surfaced, superseded, dead.',
    ],
    [['inspect', 'xyz'], 'Got "xyz"; allowed: an id, or at least four hex digits of its end.'],
    [['inspect', 'abc'], 'Got "abc"; allowed: an id'],
    [['inspect'], "missing required argument 'task'"],
    [
      ['cancel', 'abcd', '--reason', 'r'.repeat(501)],
      'Got a text of 501 characters; allowed: at most 500 characters.',
    ],
    [['tasks', '--al'], "unknown option '--al'"],
    [['task'], "unknown command 'task'"],
    [['tasks', 'extra'], 'too many arguments'],
    [[], 'Usage: readback'],
  ])('%j', async (args, said) => {
    const { code, out, err } = await fakeCli().run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
  });

  test('no control that was typed comes back raw', async () => {
    const { err } = await fakeCli().run('tasks', '--state', '\u001B[2J');
    expect(err).not.toContain('\u001B');
  });

  test('--help and --version are no failures', async () => {
    expect(await fakeCli().run('--version')).toEqual({ code: 0, out: '0.1.0\n', err: '' });
    const { code, out } = await fakeCli().run('--help');
    expect(code).toBe(0);
    for (const name of [
      'start',
      'tasks',
      'inspect',
      'receipts',
      'incidents',
      'cancel',
      'redrive',
      'migrate',
      'doctor',
    ])
      expect(out).toContain(`  ${name}`);
  });
});

describe('where the database is', () => {
  test('--data, READBACK_DATA, the config file, ./data', async () => {
    const cli = fakeCli({
      database: false,
      files: { 'readback.config.json': '{"data": "from-config"}' },
    });
    const said = async (...args: string[]) => (await cli.run('tasks', ...args)).err;
    expect(await said('--data', 'from-option')).toContain(`${cli.dir}/from-option/readback.db`);
    expect(await said()).toContain(`${cli.dir}/from-config/readback.db`);
    expect(await said('--config', 'gone.mjs')).toContain('gone.mjs, which is not there');
    const other = fakeCli({ database: false, env: { READBACK_DATA: '/nowhere' } });
    expect(await other.run('tasks')).toEqual({
      code: 1,
      out: '',
      err: 'readback: There is no database at /nowhere/readback.db. Start the bot once with `readback start`, or say where it is: --data <dir>, --config <file> or READBACK_DATA.\n',
    });
  });

  test('a fault of ours is told as one', async () => {
    const cli = fakeCli({ parts: { readStore: () => Promise.reject(new TypeError('oops')) } });
    const { code, err } = await cli.run('tasks');
    expect(code).toBe(1);
    expect(err).toMatch(
      /^readback: a fault of Readback itself, please report it\.\nTypeError: oops/,
    );
  });
});
