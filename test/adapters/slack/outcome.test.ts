import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/adapters/slack/failure.ts';
import {
  failureOutcome,
  type OutcomeContext,
  retryAfterOf,
} from '../../../src/adapters/slack/outcome.ts';
import { DeliveryOutcome } from '../../../src/contracts/delivery.ts';

const context: OutcomeContext = { atMs: 5, method: 'chat.postMessage', more: false, key: 'k1' };
const edit: Partial<OutcomeContext> = { method: 'chat.update', live: '1700000000.000100' };
const file: Partial<OutcomeContext> = { method: 'files.completeUploadExternal' };

function outcome(failure: Partial<Failure>, more: Partial<OutcomeContext> = {}): DeliveryOutcome {
  const whole: Failure = { phase: 'answered', words: failure.error ?? 'words', ...failure };
  return DeliveryOutcome.parse(failureOutcome(whole, { ...context, ...more }));
}
const refused = (error: string, more: Partial<OutcomeContext> = {}): DeliveryOutcome =>
  outcome({ error }, more);

describe('errors that Slack names', () => {
  test.each<[string, object]>([
    ['channel_not_found', { reason: 'gone' }],
    ['is_archived', { reason: 'gone' }],
    ['user_not_found', { reason: 'gone' }],
    ['not_in_channel', { reason: 'forbidden' }],
    ['restricted_action', { reason: 'forbidden' }],
    ['restricted_action_read_only_channel', { reason: 'forbidden' }],
    ['restricted_action_thread_only_channel', { reason: 'forbidden' }],
    ['restricted_action_non_threadable_channel', { reason: 'forbidden', repair: 'drop_anchor' }],
    ['ekm_access_denied', { reason: 'forbidden' }],
    ['missing_scope', { reason: 'forbidden' }],
    ['no_permission', { reason: 'forbidden' }],
    ['method_not_supported_for_channel_type', { reason: 'forbidden' }],
    ['too_many_members', { reason: 'forbidden' }],
    ['channel_is_limited_access', { reason: 'forbidden' }],
    ['cannot_dm_bot', { reason: 'blocked' }],
    ['messages_tab_disabled', { reason: 'blocked' }],
    ['no_text', { reason: 'invalid', repair: 'plain' }],
    ['msg_too_long', { reason: 'invalid', repair: 'split' }],
    ['msg_blocks_too_long', { reason: 'invalid', repair: 'split' }],
    ['too_many_attachments', { reason: 'invalid', repair: 'plain' }],
    ['invalid_blocks', { reason: 'invalid', repair: 'plain' }],
    ['invalid_blocks_format', { reason: 'invalid', repair: 'plain' }],
    ['block_mismatch', { reason: 'invalid', repair: 'plain' }],
    ['metadata_too_large', { reason: 'invalid' }],
    ['invalid_arguments', { reason: 'invalid' }],
    ['thread_not_found', { reason: 'gone', repair: 'drop_anchor' }],
    ['cannot_reply_to_message', { reason: 'gone', repair: 'drop_anchor' }],
    ['message_not_found', { reason: 'gone', repair: 'drop_anchor' }],
    // In no list, but in a family.
    ['restricted_action_some_day', { reason: 'forbidden' }],
    ['slack_connect_new_thing_blocked', { reason: 'forbidden' }],
    ['canvas_not_found', { reason: 'gone' }],
    ['invalid_arg_name', { reason: 'invalid' }],
    ['markdown_text_too_long', { reason: 'invalid' }],
  ])('%s', (error, expected) => {
    const found = refused(error);
    expect(found).toMatchObject({ kind: 'rejected', code: error, cause: error, ...expected });
    if (!('repair' in expected)) expect(found).not.toHaveProperty('repair');
  });

  test.each([
    'not_authed',
    'invalid_auth',
    'account_inactive',
    'token_revoked',
    'token_expired',
    'org_login_required',
    'team_access_not_granted',
  ])('%s: nothing of the workspace leaves', (error) => {
    expect(refused(error)).toMatchObject({
      kind: 'deferred',
      reason: 'unauthorized',
      scope: 'account',
    });
  });

  test.each([
    'service_unavailable',
    'team_added_to_org',
    'external_channel_migrating',
    'request_timeout',
  ])('%s: later', (error) => {
    expect(refused(error)).toMatchObject({ kind: 'deferred', reason: 'unavailable' });
  });

  test.each(['fatal_error', 'internal_error', 'update_failed', 'something_new', 'error'])(
    '%s: some part of it may have been done',
    (error) => {
      expect(refused(error)).toEqual({
        kind: 'unknown',
        atMs: 5,
        phase: 'answered',
        key: 'k1',
        cause: error,
      });
    },
  );

  test('a limit is of the channel for new messages, else of the method alone', () => {
    const limited = { error: 'ratelimited', retryAfterMs: 17_000 };
    const expected = { kind: 'deferred', reason: 'rate_limited', retryAfterMs: 17_000 };
    expect(outcome(limited)).toMatchObject({ ...expected, scope: 'channel' });
    expect(outcome(limited, edit)).toMatchObject({ ...expected, scope: 'part' });
    expect(outcome(limited, file)).toMatchObject({ ...expected, scope: 'part' });
    expect(refused('rate_limited')).toMatchObject({ reason: 'rate_limited', retryAfterMs: 5_000 });
  });

  test('how long a limit lasts', () => {
    const of = (retryAfterMs: number): number =>
      retryAfterOf({ phase: 'answered', words: '', retryAfterMs });
    expect(of(0)).toBe(1_000);
    expect(of(999_999_999)).toBe(86_400_000);
  });

  test('the scope that is missing is told', () => {
    const failure = { error: 'missing_scope', words: 'missing_scope: needs chat:write' };
    expect(outcome(failure)).toMatchObject({ cause: 'missing_scope: needs chat:write' });
  });
});

describe('edits', () => {
  test.each([
    'message_not_found',
    'cant_update_message',
    'edit_window_closed',
    'streaming_state_conflict',
  ])('%s: a new message', (error) => {
    expect(refused(error, edit)).toMatchObject({
      kind: 'rejected',
      reason: 'gone',
      repair: 'repost',
      code: error,
    });
  });

  test('in a channel that was archived there is no new message either', () => {
    expect(refused('is_inactive', edit)).toMatchObject({ reason: 'gone', code: 'is_inactive' });
    expect(refused('is_inactive', edit)).not.toHaveProperty('repair');
  });

  test.each(['invalid_blocks', 'block_mismatch', 'msg_too_long', 'token_revoked', 'fatal_error'])(
    '%s is what it is for a new message',
    (error) => {
      expect(refused(error, edit)).toEqual(refused(error));
    },
  );
});

describe('files', () => {
  test.each([
    'missing_scope',
    'file_uploads_disabled',
    'storage_limit_reached',
    'slack_connect_file_upload_sharing_blocked',
    'invalid_arguments',
  ])('%s: the text is sent in parts, then the file is told of', (error) => {
    expect(refused(error, file)).toMatchObject({ kind: 'rejected', repair: 'split' });
    expect(refused(error, { ...file, repairs: ['split'] })).toMatchObject({ repair: 'plain' });
  });

  test.each(['channel_not_found', 'not_in_channel', 'is_archived', 'restricted_action'])(
    '%s says nothing of the file',
    (error) => {
      expect(refused(error, file)).not.toHaveProperty('repair');
      expect(refused(error, file)).toEqual(refused(error));
    },
  );
});

describe('answers that are not of Slack', () => {
  test.each([500, 502, 503, 504, 408, 301])('HTTP %i: it may have been done', (status) => {
    const found = outcome({ status, words: `HTTP ${status}` });
    expect(found).toMatchObject({ kind: 'unknown', phase: 'answered', key: 'k1' });
  });
  test.each([400, 403, 404])('HTTP %i: something before Slack refused it', (status) => {
    expect(outcome({ status })).toMatchObject({
      kind: 'deferred',
      reason: 'unavailable',
      scope: 'account',
    });
  });
  test('HTTP 413', () => {
    expect(outcome({ status: 413 })).toMatchObject({ kind: 'rejected', repair: 'split' });
  });
  test('a page with status 200', () => {
    expect(outcome({ words: 'a page' })).toMatchObject({ kind: 'unknown', phase: 'answered' });
  });
  test('no connection', () => {
    expect(outcome({ phase: 'not_connected' })).toMatchObject({
      kind: 'deferred',
      reason: 'not_connected',
      scope: 'channel',
    });
  });
  test('a connection that broke', () => {
    expect(outcome({ phase: 'written' })).toMatchObject({
      kind: 'unknown',
      phase: 'written',
      key: 'k1',
    });
    expect(outcome({ phase: 'written' }, { key: undefined })).not.toHaveProperty('key');
  });
});
