import { afterEach, describe, expect, test, vi } from 'vitest';
import { customId } from '../../../src/adapters/discord/custom-id.ts';
import { createNoncer } from '../../../src/adapters/discord/nonce.ts';
import { tailOf } from '../../../src/adapters/discord/outbound-cut.ts';
import { createRest, loadDiscord } from '../../../src/adapters/discord/rest.ts';
import { createSystemRuntime } from '../../../src/core/system-runtime.ts';
import { InStage } from './in-stage.ts';
import { base, bot, direct, general, incoming, message, withConfig } from './inbound-payloads.ts';
import { Stage } from './stage.ts';

const marker = createNoncer('t').nonce(
  { key: 'k', repairs: [] },
  { adapter: 'discord', account: bot, conversation: general },
);

describe('what is kept and what it costs', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('the client keeps nothing of an interaction that is over', async () => {
    const discord = await loadDiscord();
    vi.useFakeTimers();
    const rest = createRest(discord, {
      token: 't',
      apiUrl: 'https://discord.example/api',
      fetch: async () => Response.json({ id: '1' }),
      runtime: createSystemRuntime(),
      heard: () => undefined,
    });
    for (let at = 0; at < 50; at += 1) {
      const route = `/webhooks/100000000000000000/token${at}/messages/@original` as const;
      await rest.call({ method: 'PATCH', route, authorized: false, body: {} });
    }
    expect(rest.client.handlers.size).toBeGreaterThanOrEqual(50);
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    expect(rest.client.handlers.size).toBe(0);
    rest.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('the end of a long streamed text costs no more than a short one', () => {
    const text = '- one more thing that was found\n'.repeat(6_000);
    const startedMs = performance.now();
    for (let at = 0; at < 10; at += 1)
      expect(tailOf(`${text}the end`, { embeds: false })).toContain('the end');
    // All of it was cut each time before: more than a second for each.
    expect(performance.now() - startedMs).toBeLessThan(4_000);
  });

  test('the end of a text without lines, and of code', () => {
    expect(tailOf(`${'word '.repeat(20_000)}the end`, { embeds: false })).toMatch(
      /^…\n.{1900,}the end$/s,
    );
    const code = `\`\`\`js\n${'const a = 1;\n'.repeat(5_000)}`;
    const tail = tailOf(`${code}const b = 2;`, { embeds: false });
    expect(tail).toMatch(/^…\n```js\nconst a = 1;\n/);
    expect(tail.length).toBeGreaterThan(1_800);
    expect(tail).toContain('const b = 2;');
    expect(tailOf(`${code}\`\`\`\n\nand so on`, { embeds: false })).not.toMatch(/```$/);
    expect(tailOf(`a${'😀'.repeat(5_000)}`, { embeds: false })).toMatch(/^…\n😀+$/u);
  });
});

describe('what was said to one person in their direct messages', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  /** A command for one person alone whose token is over: what follows is said in direct messages. */
  async function moved(): Promise<Stage> {
    stage = await Stage.open({ config: { ephemeral: true } });
    stage.ann.command('ask', { text: 'go' }, { in: stage.room });
    await stage.brought();
    await stage.advance(16 * 60_000);
    return stage;
  }

  async function press(stage: Stage, label: string): Promise<void> {
    const { messages } = stage.ann.dm;
    const message = messages.findLast(({ buttons }) => buttons.some((one) => one.label === label));
    if (message === undefined) throw new Error(`no ${label}`);
    stage.ann.press(message, label);
    await stage.brought();
    await stage.advance(3_000);
  }

  test('can be pressed after a restart, and stays between them', async () => {
    const stage = await moved();
    await stage.harness.crash(1_000);
    await stage.connected();
    await stage.advance(5_000);
    expect(stage.ann.dm.texts.at(-1)).toContain('Interrupted');
    await stage.harness.crash(1_000);
    await stage.connected();
    await press(stage, 'Retry');
    await stage.advance(5_000);
    expect(stage.calls).toHaveLength(2);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(stage.ann.dm.texts.at(-1)).toContain('forty-two');
    expect(stage.room.texts).toEqual([]);
  });

  test('can be pressed where only the channel of the command is allowed', () => {
    const { channel: _, guild_id: __, member, ...rest } = base;
    const press = {
      ...rest,
      user: member?.user,
      channel_id: direct,
      type: 3,
      message: { ...message, channel_id: direct },
      data: { custom_id: customId({ kind: 'press', marker, button: 'b1' }), component_type: 2 },
    };
    const conversation = { adapter: 'discord', account: bot, conversation: general };
    const where = withConfig({ allow: { channels: [general] } });
    const stands = { ...where, standsFor: () => conversation };
    expect(incoming('INTERACTION_CREATE', press, stands)).toMatchObject({
      kind: 'inbound',
      inbound: { kind: 'press', button: 'b1', channel: conversation },
    });
    expect(incoming('INTERACTION_CREATE', press, where)).toMatchObject({ kind: 'refused' });
  });
});

test('what was missed in hidden channels leaves room for answers', async () => {
  const stage = await InStage.open();
  try {
    const { ann, discord, host, runtime } = stage;
    const hidden = Array.from({ length: 30 }, () => discord.channel());
    const open = discord.channel();
    for (const channel of hidden) channel.permit('bot', { deny: ['ViewChannel'] });
    await stage.hear(60_000);
    await stage.kill();
    for (const channel of hidden) ann.say('among ourselves', { to: channel });
    const mention = `<@${discord.botId}>`;
    ann.say(`${mention} while away`, { to: open });
    await stage.advance(600_000);
    discord.gateway.forget();
    await stage.begin();
    for (let n = 0; n < 490; n += 1) stage.site.budget.note({ status: 403 }, runtime.monoMs());
    await stage.connect();
    await stage.advance(60_000);
    expect(stage.site.budget.waitMs(runtime.monoMs())).toBe(0);
    const refused = () => discord.calls.filter(({ status }) => status === 403).length;
    expect(refused()).toBeLessThanOrEqual(10);
    ann.say(`${mention} now`, { to: open });
    await stage.brought();
    await stage.advance(5_000);
    expect(host.taken).toEqual(['while away', 'now']);
    await stage.advance(700_000);
    expect(refused()).toBe(30);
    expect(stage.catchUp.isBusy).toBe(false);
  } finally {
    await stage.close();
  }
});
