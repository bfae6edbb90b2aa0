import type { ChannelRef } from '../../contracts/id.ts';
import type { DiscordCall } from './call.ts';
import type { DiscordConfig } from './config.ts';

const nameMax = 100;

/** Pure: makes the thread of a message; the thread has the message's id, so that doing it again is refused. */
export function threadCall(
  { conversation, thread = '' }: ChannelRef,
  question: string,
  { threadMinutes, words }: Pick<DiscordConfig, 'threadMinutes' | 'words'>,
): DiscordCall {
  return {
    method: 'POST',
    route: `/channels/${conversation}/messages/${thread}/threads`,
    body: { name: threadName(question, words), auto_archive_duration: threadMinutes },
  };
}

/** Pure: the first words of what was asked, on one line. */
function threadName(question: string, { thread }: Pick<DiscordConfig['words'], 'thread'>): string {
  const line = question.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (line === '') return thread;
  const points = [...line];
  return points.length <= nameMax
    ? line
    : `${points
        .slice(0, nameMax - 1)
        .join('')
        .trimEnd()}…`;
}

/** Pure: a thread that was put away is open again. */
export function openThreadCall(threadId: string): DiscordCall {
  return { method: 'PATCH', route: `/channels/${threadId}`, body: { archived: false } };
}

/** Pure: shows that somebody types, for ten seconds. */
export function typingCall(channelId: string): DiscordCall {
  return { method: 'POST', route: `/channels/${channelId}/typing` };
}
