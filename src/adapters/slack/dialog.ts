import { readFailure } from './failure.ts';
import type { Incoming } from './inbound-context.ts';
import { answerDialog } from './outbound-button.ts';
import type { Site } from './site.ts';

/** What a press may be used for lives three seconds. */
const openMs = 2_500;

/** Opens the dialog for an answer in words. Never rejects: the question stands, and a plain message answers it as well. */
export async function openDialog(
  { api, config, host }: Pick<Site, 'api' | 'config' | 'host'>,
  dialog: Extract<Incoming, { kind: 'dialog' }>,
): Promise<void> {
  const payload = answerDialog(dialog, config.words);
  try {
    await api.call({ method: 'views.open', payload }, { limitMs: openMs });
  } catch (error) {
    host.log('warn', 'a dialog was not opened', { cause: readFailure(error).words });
  }
}
