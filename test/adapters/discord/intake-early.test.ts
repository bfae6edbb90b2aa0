import { afterEach, describe, expect, test } from 'vitest';
import { InStage, type InStageOptions } from './in-stage.ts';

let stage: InStage;
afterEach(async () => {
  await stage.close();
});
async function open(options: InStageOptions = {}): Promise<InStage> {
  stage = await InStage.open(options);
  return stage;
}
const mention = (text: string): string => `<@${stage.discord.botId}> ${text}`;

describe('our own messages', () => {
  test('that come in prove that they were sent', async () => {
    const { discord, host, site } = await open();
    const channel = discord.channel();
    const part = { receiptId: '0199a0f0-0000-7000-8000-000000000001' as never, part: 1 };
    stage.sent.set('nonce-1', part);
    const body = { content: 'answer', nonce: 'nonce-1', enforce_nonce: true };
    host.isDown = true;
    await site.rest.call({ method: 'POST', route: `/channels/${channel.id}/messages`, body });
    await stage.brought();
    expect(host.evidences).toEqual([]);
    expect(stage.open).toEqual([]);
    host.isDown = false;
    stage.sent.set('nonce-2', part);
    const again = { ...body, nonce: 'nonce-2' };
    await site.rest.call({
      method: 'POST',
      route: `/channels/${channel.id}/messages`,
      body: again,
    });
    await stage.brought();
    const handle = channel.messages.at(-1)?.id;
    expect(host.evidences).toEqual([{ ...part, handle, evidence: 'observed' }]);
    expect(host.taken).toEqual([]);
  });

  test('wait for nothing that is said there and cannot be stored yet', async () => {
    const { ann, discord, host, site } = await open();
    const channel = discord.channel();
    const part = { receiptId: '0199a0f0-0000-7000-8000-000000000001' as never, part: 1 };
    stage.sent.set('nonce-1', part);
    host.hold();
    ann.say(mention('waits'), { to: channel });
    await stage.brought();
    const body = { content: 'answer', nonce: 'nonce-1', enforce_nonce: true };
    await site.rest.call({ method: 'POST', route: `/channels/${channel.id}/messages`, body });
    await stage.brought();
    expect(host.evidences).toMatchObject([part]);
    expect(host.taken).toEqual([]);
    host.release();
    await stage.brought();
    expect(host.taken).toEqual(['waits']);
  });
});

test('a thread that is still to be made is known before the relay begins the work', async () => {
  const { ann, discord, host, site } = await open({ config: { sessions: 'thread' } });
  const { accept } = host;
  const known: (string | undefined)[] = [];
  Object.assign(host, {
    accept: async (input: Parameters<typeof accept>[0]) => {
      known.push(site.places.beginning(input.id));
      return await accept(input);
    },
  });
  ann.say(mention('first'), { to: discord.channel() });
  await stage.brought();
  expect(known).toEqual(['first']);
});
