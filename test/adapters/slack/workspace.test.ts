import { expect, test } from 'vitest';
import { isOurs } from '../../../src/adapters/slack/envelope.ts';

// Of a channel that two workspaces share, people of both press and answer.
test.each<[string, object, boolean]>([
  ['an event', { type: 'event_callback', team_id: 'T2', event: { type: 'message' } }, false],
  [
    'an event that we were told as well',
    { team_id: 'T2', authorizations: [{ team_id: 'T1' }], event: { type: 'message' } },
    true,
  ],
  ['a dialog of another', { team: { id: 'T1' }, view: { app_installed_team_id: 'T2' } }, false],
  ['our dialog', { team: { id: 'T2' }, view: { app_installed_team_id: 'T1' } }, true],
  [
    'a press on a message of another app',
    { type: 'block_actions', team: { id: 'T1' }, message: { bot_id: 'B2' } },
    false,
  ],
  [
    'a press on our message',
    { type: 'block_actions', team: { id: 'T2' }, message: { bot_id: 'B1' } },
    true,
  ],
  ['a shortcut', { type: 'message_action', team: { id: 'T2' } }, false],
  ['what names none', { type: 'message_action' }, true],
])('%s is of our workspace or not', (_, envelope, is) => {
  expect(isOurs(envelope, { teamId: 'T1', userId: 'U1', botId: 'B1' } as never)).toBe(is);
});
