import { tellReaction } from './event.ts';
import { Refusal } from './refusal.ts';
import type { MessageRecord, PersonRecord, World } from './state.ts';

const reactionsMax = 20;

/** A Unicode emoji or `name:id`; words are no emoji. */
export function emojiOf(given: string): string {
  const isOwn = /^\w{2,32}:\d{17,20}$/.test(given);
  const isUnicode = /^[\p{Emoji}\p{Emoji_Component}]{1,20}$/u.test(given);
  if (!isOwn && !(isUnicode && !/^[\d#*]+$/.test(given))) throw new Refusal(10_014);
  return given;
}

/** Adds a reaction of a person's or the bot's; a second one changes nothing. */
export function react(
  world: World,
  message: MessageRecord,
  emoji: string,
  person?: PersonRecord,
): void {
  const id = person?.id ?? world.botId;
  const ids = message.reactions.get(emoji) ?? [];
  if (ids.includes(id)) return;
  if (ids.length === 0 && message.reactions.size >= reactionsMax) throw new Refusal(30_010);
  message.reactions = new Map([...message.reactions, [emoji, [...ids, id]]]);
  tellReaction(world, message, { isAdded: true, emoji, ...(person && { person }) });
  if (message.from.kind === 'bot') world.tell(message);
}

export function unreact(
  world: World,
  message: MessageRecord,
  emoji: string,
  person?: PersonRecord,
): void {
  const id = person?.id ?? world.botId;
  const ids = message.reactions.get(emoji) ?? [];
  if (!ids.includes(id)) {
    if (person === undefined) throw new Refusal(10_014);
    return;
  }
  const left = ids.filter((one) => one !== id);
  const all = new Map(message.reactions);
  if (left.length === 0) all.delete(emoji);
  else all.set(emoji, left);
  message.reactions = all;
  tellReaction(world, message, { isAdded: false, emoji, ...(person && { person }) });
}
