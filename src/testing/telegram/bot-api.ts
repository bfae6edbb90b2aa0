import type { CallContext, Method } from './call.ts';
import { botMethods } from './methods-bot.ts';
import { editMethods } from './methods-edit.ts';
import { sendMethods } from './methods-send.ts';
import { Poll } from './poll.ts';
import { conflict, Refusal, tooMany } from './refusal.ts';
import type { Payload } from './request-body.ts';
import type { TelegramCall } from './shape-server.ts';
import type { World } from './state.ts';
import type { Webhook } from './webhook.ts';

type Answer = NonNullable<TelegramCall['answer']>;

/** What a pause of the whole bot refuses. */
const paced = new Set(
  ['editMessageText', 'editMessageCaption', 'editMessageReplyMarkup', 'deleteMessage']
    .concat(Object.keys(sendMethods))
    .map((name) => name.toLowerCase()),
);

/** The methods of the Bot API by name; upper and lower case are the same, as at Telegram. */
export class BotApi {
  readonly #world: World;
  readonly #methods: ReadonlyMap<string, readonly [name: string, method: Method]>;

  constructor(world: World, webhook: Webhook) {
    this.#world = world;
    const poll = new Poll();
    const all: Readonly<Record<string, Method>> = {
      ...botMethods,
      ...sendMethods,
      ...editMethods,
      getUpdates: (payload, context) => {
        if (webhook.isSet)
          throw conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
          );
        return poll.get(payload, context);
      },
      setWebhook: (payload) => {
        const done = webhook.set(payload);
        if (webhook.isSet) poll.end('terminated by setWebhook request');
        return done;
      },
      deleteWebhook: (payload) => webhook.remove(payload),
      getWebhookInfo: () => webhook.info(),
    };
    this.#methods = new Map(
      Object.entries(all).map(([name, method]) => [name.toLowerCase(), [name, method]]),
    );
  }

  /** The method's name as it is documented; as it came when it is not known. */
  nameOf(method: string): string {
    return this.#methods.get(method.toLowerCase())?.[0] ?? method;
  }

  async call(method: string, payload: Payload, context: CallContext): Promise<Answer> {
    try {
      const known = this.#methods.get(method.toLowerCase())?.[1];
      if (known === undefined) throw new Refusal(404, 'Not Found: method not found');
      const pausedMs = this.#world.limits.pausedMs(this.#world.nowMs());
      if (pausedMs > 0 && paced.has(method.toLowerCase())) throw tooMany(pausedMs / 1_000);
      return { ok: true, result: await known(payload, context) };
    } catch (error) {
      if (error instanceof Refusal) return refused(error);
      throw error;
    }
  }
}

export function refused({ code, message, parameters }: Refusal): Answer {
  const answer = { ok: false, error_code: code, description: message } as const;
  return parameters === undefined ? answer : { ...answer, parameters };
}
