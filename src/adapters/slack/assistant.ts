import type { ChannelRef } from '../../contracts/id.ts';
import type { InboundInput } from '../../contracts/inbound.ts';
import type { ApiCall } from './api.ts';
import { readFailure } from './failure.ts';
import type { Incoming } from './inbound-context.ts';
import type { Site } from './site.ts';

const callMs = 5_000;
const titleMax = 60;
const untitledMax = 1_000;

type AssistantSite = Pick<Site, 'api' | 'config' | 'host' | 'untitled'>;

/** Somebody opened an assistant thread: it shows what can be asked. Never rejects. */
export async function greet(
  site: AssistantSite,
  { channel }: Extract<Incoming, { kind: 'opened' }>,
): Promise<void> {
  const { config, untitled } = site;
  if (channel.thread !== undefined) untitled.add(keyOf(channel));
  const [oldest] = untitled;
  if (untitled.size > untitledMax && oldest !== undefined) untitled.delete(oldest);
  if (config.prompts.length === 0) return;
  const payload = { ...placeOf(channel), prompts: config.prompts };
  await call(site, { method: 'assistant.threads.setSuggestedPrompts', payload });
}

/** The first message of an assistant thread names it, once. Never rejects. */
export async function giveTitle(site: AssistantSite, inbound: InboundInput): Promise<void> {
  if (inbound.kind !== 'message' || !site.untitled.delete(keyOf(inbound.channel))) return;
  const title = titleOf(inbound.text);
  if (title === '') return;
  const payload = { ...placeOf(inbound.channel), title };
  await call(site, { method: 'assistant.threads.setTitle', payload });
}

/** Pure: one line, cut between characters. */
function titleOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const points = [...line];
  return points.length <= titleMax ? line : `${points.slice(0, titleMax - 1).join('')}…`;
}

async function call({ api, host }: AssistantSite, request: ApiCall): Promise<void> {
  try {
    await api.call(request, { limitMs: callMs });
  } catch (error) {
    const { method } = request;
    host.log('debug', 'an assistant thread was not furnished', {
      method,
      cause: readFailure(error).words,
    });
  }
}

const placeOf = ({ conversation, thread }: ChannelRef) => ({
  channel_id: conversation,
  thread_ts: thread,
});

const keyOf = ({ conversation, thread = '' }: ChannelRef): string => `${conversation} ${thread}`;
