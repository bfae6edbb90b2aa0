import { afterEach, describe, expect, test } from 'vitest';
import { giveTitle, greet } from '../../../src/adapters/slack/assistant.ts';
import { openDialog } from '../../../src/adapters/slack/dialog.ts';
import { ofInteraction } from '../../../src/adapters/slack/inbound-interaction.ts';
import type { InboundInput } from '../../../src/contracts/inbound.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

describe('the dialog for an answer in words', () => {
  test('is opened by the press, and what is written there answers the question', async () => {
    const { slack, ann } = await open();
    await stage.begin();
    const asked = stage.work.ask({
      kind: 'question',
      text: 'Which colour?',
      options: [{ id: 'r', label: 'Red' }],
      freeText: true,
    });
    asked.catch(() => undefined);
    await stage.advance(3_000);
    const question = stage.ours.find(({ shown }) => shown.includes('Which colour?'));
    if (question === undefined) throw new Error('not asked');
    const press = ann.press(question, 'Answer in words');
    await stage.harness.settle(
      openDialog(stage.site, {
        kind: 'dialog',
        channel: stage.ref,
        triggerId: press.triggerId,
        askId: String(question.buttons.at(-1)?.value),
      }),
    );
    const [view] = ann.views;
    expect(view).toMatchObject({ title: 'Your answer', isOpen: true });
    const { userId } = { userId: slack.botUserId };
    const incoming = ofInteraction(
      {
        type: 'view_submission',
        user: { id: ann.id, name: 'Ann' },
        view: {
          id: view?.id,
          callback_id: view?.callbackId,
          private_metadata: view?.privateMetadata,
          state: {
            values: {
              [String(view?.callbackId)]: { [String(view?.callbackId)]: { value: 'blue' } },
            },
          },
        } as never,
      },
      {
        account: 'main',
        us: { userId },
        config: stage.site.config,
        takesPart: () => true,
        nowMs: stage.harness.runtime.wallMs(),
      },
    );
    if (incoming.kind !== 'inbound') throw new Error(incoming.kind);
    await stage.harness.settle(stage.life.host.accept(incoming.inbound));
    expect(await stage.harness.settle(asked)).toEqual({ outcome: 'answered', text: 'blue' });
  });

  test('that cannot be opened breaks nothing', async () => {
    const { slack } = await open();
    slack.fault('views.open', { kind: 'reset' });
    const dialog = { kind: 'dialog', channel: stage.ref, triggerId: 'x', askId: 'a1' } as const;
    await stage.harness.settle(openDialog(stage.site, dialog));
    await stage.harness.settle(openDialog(stage.site, dialog));
    expect(stage.logs.filter((line) => line.includes('a dialog was not opened'))).toHaveLength(2);
  });
});

describe('an assistant thread', () => {
  const prompts = [{ title: 'Weather', message: 'What is the weather?' }];
  const said = (text: string): InboundInput => ({
    kind: 'message',
    id: text,
    channel: stage.ref,
    person: { id: stage.ann.id },
    sentAtMs: 0,
    text,
  });

  test('suggests what can be asked, and is named by the first message alone', async () => {
    await open({ in: 'assistant', config: { prompts } });
    const { harness, site, thread } = stage;
    await harness.settle(giveTitle(site, said('too early')));
    await harness.settle(greet(site, { kind: 'opened', channel: stage.ref, userId: stage.ann.id }));
    expect(thread.suggestedPrompts).toEqual(prompts);
    expect(thread.title).toBeUndefined();
    await harness.settle(giveTitle(site, said('How is\nthe weather in Graz?')));
    expect(thread.title).toBe('How is the weather in Graz?');
    await harness.settle(giveTitle(site, said('and tomorrow?')));
    expect(thread.title).toBe('How is the weather in Graz?');
  });

  test('a long first message is cut between characters', async () => {
    await open({ in: 'assistant' });
    const { harness, site, thread, slack } = stage;
    await harness.settle(greet(site, { kind: 'opened', channel: stage.ref, userId: stage.ann.id }));
    expect(slack.callsOf('assistant.threads.setSuggestedPrompts')).toEqual([]);
    await harness.settle(giveTitle(site, said('😀'.repeat(100))));
    expect(thread.title).toBe(`${'😀'.repeat(59)}…`);
  });

  test('one that cannot be furnished breaks nothing', async () => {
    const { slack } = await open({ config: { prompts } });
    slack.fault('assistant.threads.setTitle', { kind: 'reset' });
    const { harness, site } = stage;
    await harness.settle(greet(site, { kind: 'opened', channel: stage.ref, userId: stage.ann.id }));
    await harness.settle(giveTitle(site, said('hello')));
    expect(stage.thread.title).toBeUndefined();
  });
});
