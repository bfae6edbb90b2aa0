/** A call of the REST API, as data. */
export interface DiscordCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Behind `/v10`. That of an interaction holds its token: not for logs. */
  readonly route: `/${string}`;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly files?: readonly CallFile[];
  /** False: the token stands in the route, and the bot's own is not sent. Default true. */
  readonly authorized?: false;
}

export interface CallFile {
  readonly name: string;
  readonly contentType: string;
  readonly text: string;
}
