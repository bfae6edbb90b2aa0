/** Slack in this process, for tests of bots: the Web API, signed events, Socket Mode, and what people in its channels see. */
export type {
  SlackChannel,
  SlackMessage,
  SlackPerson,
  SlackPlace,
  SlackSayOptions,
  SlackThread,
  SlackWorkspace,
} from './shape.ts';
export type {
  SlackAck,
  SlackAuthor,
  SlackBlock,
  SlackButton,
  SlackFile,
  SlackFileInput,
  SlackInteraction,
  SlackSelect,
  SlackView,
  SlackWaitOptions,
} from './shape-part.ts';
export type {
  FakeSlack,
  FakeSlackOptions,
  FakeSlackSockets,
  SlackCall,
  SlackDelivery,
  SlackFault,
  SlackFaultOptions,
  SlackLimits,
  SlackPlannedFault,
} from './shape-server.ts';
export { startFakeSlack } from './start.ts';
