import { makeChat } from './chat-view.ts';
import { makePerson } from './person-view.ts';
import type { TelegramChat, TelegramPerson } from './shape.ts';
import type { ChatRecord, PersonRecord, World } from './state.ts';
import { moveBot, writeService } from './write.ts';

interface Founding {
  readonly title: string;
  readonly members?: readonly TelegramPerson[];
  readonly topics?: boolean;
}

/** A chat with the bot in it, which is told so. Its first member is the owner; without members one is made. */
export function foundChat(
  world: World,
  type: 'group' | 'supergroup' | 'channel',
  { title, members: people = [], topics = false }: Founding,
  service?: readonly [field: string, value: unknown],
): TelegramChat {
  const members = people.map((person) => recordOf(world, person));
  const owner = members[0] ?? makePerson(world, { name: 'Owner' });
  const chat: ChatRecord = makeChat(world, {
    id: world.newChatId(type),
    type,
    title,
    forum: topics,
    members: members.length > 0 ? members : [owner],
  });
  moveBot(world, chat, owner, ['left', type === 'channel' ? 'administrator' : 'member']);
  if (service !== undefined) writeService(world, chat, owner, service);
  return chat.view;
}

function recordOf(world: World, person: TelegramPerson): PersonRecord {
  const record = world.people.get(person.id);
  if (record?.view !== person) throw new Error('the person is of another server');
  return record;
}
