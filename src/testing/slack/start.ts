import { waitFor } from '../wait.ts';
import { assemble, type Parts } from './assemble.ts';
import { heldFetch } from './held-fetch.ts';
import type { SlackMessage, SlackWorkspace } from './shape.ts';
import type { SlackWaitOptions } from './shape-part.ts';
import type {
  FakeSlack,
  FakeSlackOptions,
  FakeSlackSockets,
  SlackCall,
  SlackDelivery,
  SlackFault,
  SlackFaultOptions,
  SlackPlannedFault,
} from './shape-server.ts';
import type { MessageRecord } from './state.ts';
import { expire } from './stream-life.ts';
import { makeTeam, Workspace } from './workspace-view.ts';
import { rewrite } from './write.ts';

/**
 * Starts a Slack for one app on 127.0.0.1, on a port of its own choice. It stands for Slack in tests: real clients talk
 * to it over real sockets, by HTTP and Socket Mode. End it with `stop`.
 *
 * It knows auth.test, apps.connections.open, chat.postMessage, postEphemeral, update, delete, getPermalink, startStream,
 * appendStream and stopStream, conversations.history, replies, info, join, list, members and open, users.info,
 * reactions.add and remove, views.open, push and update, files.getUploadURLExternal, completeUploadExternal and info, the
 * files themselves, assistant.threads.setStatus, setTitle and setSuggestedPrompts; every other method is answered
 * `unknown_method`.
 *
 * @example
 * const slack = await startFakeSlack();
 * const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl });
 * const ann = slack.person({ name: 'Ann' });
 * ann.say('hello');
 * await client.chat.postMessage({ channel: ann.dm.id, text: 'Hello Ann' });
 * ann.dm.texts; // ['Hello Ann']
 */
export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const slack = new Slack(assemble(options));
  await slack.up();
  return slack;
}

class Slack extends Workspace implements FakeSlack {
  readonly fetch: typeof globalThis.fetch;
  readonly sockets: FakeSlackSockets;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super(parts.world, parts.home);
    this.#parts = parts;
    parts.home.view = this;
    this.fetch = heldFetch(parts.holds, parts.faults, () => parts.server.port);
    this.sockets = parts.hub.shown();
  }

  get apiUrl(): string {
    return `${this.#parts.world.options.baseUrl()}/api/`;
  }

  get appId(): string {
    return this.#parts.world.appId;
  }

  get appToken(): string {
    return this.#parts.world.appToken;
  }

  get signingSecret(): string {
    return this.#parts.world.signingSecret;
  }

  get calls(): readonly SlackCall[] {
    return this.#parts.calls.all;
  }

  get deliveries(): readonly SlackDelivery[] {
    return this.#parts.courier.deliveries;
  }

  get limitsHit(): number {
    return this.#parts.world.limits.hits;
  }

  get pendingEvents(): number {
    return this.#parts.courier.pendingEvents;
  }

  workspace(options: { readonly name?: string; readonly botName?: string } = {}): SlackWorkspace {
    const { name = `Workspace ${this.#parts.world.teams.size + 1}`, botName = 'Readback' } =
      options;
    return makeTeam(this.#parts.world, { name, botName }).view;
  }

  callsOf(method: string): readonly SlackCall[] {
    return this.#parts.calls.all.filter((call) => call.method === method);
  }

  nextCall(
    method: string,
    { timeoutMs, arrived = false }: SlackWaitOptions & { readonly arrived?: boolean } = {},
  ): Promise<SlackCall> {
    const wanted = arrived ? 'arrived' : 'ended';
    const seen = new Set(this.#parts.calls.all);
    const shown = (): string[] => this.#parts.calls.all.map((call) => call.method);
    return waitFor(this.#parts.world, { timeoutMs, shown }, (settle) =>
      this.#parts.calls.listen((call, stage) => {
        const fits = call.method === method && stage === wanted && !seen.has(call);
        settle(() => (fits ? call : undefined));
      }),
    );
  }

  fault(method: string, fault: SlackFault, options: SlackFaultOptions = {}): SlackPlannedFault {
    return this.#parts.faults.plan(method, fault, {
      times: options.times,
      place: options.channel?.id,
    });
  }

  clearFaults(): void {
    this.#parts.faults.clear();
  }

  async setRequestUrl(url: string): Promise<void> {
    await this.#parts.requestUrl.verify(url);
    this.#parts.requestUrl.url = url;
    this.#parts.mode.isHttp = true;
  }

  useSocketMode(): void {
    this.#parts.mode.isHttp = false;
  }

  push(event: Readonly<Record<string, unknown>>, workspace: SlackWorkspace = this): string {
    const team = this.#parts.world.teams.get(workspace.teamId);
    if (team === undefined) throw new Error('the workspace is of another server');
    return this.#parts.courier.event(team, event);
  }

  redeliver(eventId: string): boolean {
    return this.#parts.courier.redeliver(eventId);
  }

  async settled({ timeoutMs }: SlackWaitOptions = {}): Promise<void> {
    const shown = (): string[] => [`${this.pendingEvents} events`];
    await waitFor(this.#parts.world, { timeoutMs, shown }, (settle) => {
      const look = (): void => settle(() => (this.#parts.courier.isIdle ? true : undefined));
      queueMicrotask(look);
      return this.#parts.courier.listen(look);
    });
  }

  signedRequest(body: string, options?: Parameters<FakeSlack['signedRequest']>[1]): Request {
    return this.#parts.requestUrl.signed(body, options);
  }

  rateLimitEvents(): void {
    if (!this.#parts.mode.isHttp)
      throw new Error('Slack documents app_rate_limited for HTTP alone');
    const minute = Math.floor(this.#parts.world.nowMs() / 60_000) * 60;
    const { verificationToken: token, appId } = this.#parts.world;
    void this.#parts.courier.plain({
      token,
      type: 'app_rate_limited',
      team_id: this.teamId,
      minute_rate_limited: minute,
      api_app_id: appId,
    });
  }

  expireStream(message: SlackMessage): void {
    expire(this.#parts.world, this.#recordOf(message));
  }

  unfurl(message: SlackMessage, link: string): void {
    const record = this.#recordOf(message);
    record.isUnfurled = true;
    const preview = { id: 1, from_url: link, original_url: link, title: link, title_link: link };
    const attachments = [...record.attachments, preview];
    rewrite(this.#parts.world, record, { attachments, isMarked: false });
  }

  closeEditWindow(message: SlackMessage): void {
    this.#recordOf(message).isEditClosed = true;
  }

  async down(): Promise<void> {
    await this.#parts.server.close();
  }

  async up(): Promise<void> {
    if (this.#parts.world.over.signal.aborted) throw new Error('the server was stopped');
    await this.#parts.server.listen();
  }

  async stop(): Promise<void> {
    this.#parts.world.over.abort();
    this.#parts.holds.releaseAll();
    this.#parts.hub.close();
    await this.#parts.server.close();
    this.#parts.world.files.clear();
  }

  #recordOf(message: SlackMessage): MessageRecord {
    for (const team of this.#parts.world.teams.values()) {
      const record = team.channels.get(message.channel.id)?.messages.get(message.ts);
      if (record === message) return record;
    }
    throw new Error('the message is deleted, or of another server');
  }
}
