import type { Upload } from './request-body.ts';
import type { Json, World } from './state.ts';

/** What a route is given. */
export interface Asked {
  readonly world: World;
  /** What stands for `:id` and the like, in order. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Json;
  /** The body where it is a list. */
  readonly items: readonly unknown[] | undefined;
  readonly files: readonly Upload[];
}

/** A body for 200 (or another status), or nothing for 204. */
export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
}

export interface Route {
  readonly run: (asked: Asked) => Answer;
  /** Whose limit is shared by routes of the same name; default the route's own. */
  readonly bucket?: string;
  /** So many in so long; default 50 in a second. */
  readonly limit?: readonly [limit: number, perMs: number];
  /** Its token is in the path: no bot token is asked for, and the global limit does not count it. */
  readonly isOpen?: boolean;
}

export type Routes = Readonly<Record<string, Route>>;

interface Pattern {
  readonly method: string;
  readonly parts: readonly string[];
  readonly key: string;
}

/** Finds routes by method and path. What is written out goes before what stands for anything. */
export class Router {
  readonly #patterns: readonly Pattern[];
  readonly #routes: Routes;

  constructor(routes: Routes) {
    this.#routes = routes;
    this.#patterns = Object.keys(routes)
      .map((key) => {
        const [method = '', path = ''] = key.split(' ');
        return { method, key, parts: path.split('/').slice(1) };
      })
      .toSorted((a, b) => variables(a) - variables(b));
  }

  has(key: string): boolean {
    return this.#routes[key] !== undefined;
  }

  find(
    method: string,
    path: string,
  ): { readonly key: string; readonly route: Route; readonly params: string[] } | undefined {
    const parts = partsOf(path);
    for (const pattern of this.#patterns) {
      const isSame = pattern.method === method && pattern.parts.length === parts.length;
      if (!isSame || !pattern.parts.every((part, n) => part[0] === ':' || part === parts[n]))
        continue;
      const params = parts.filter((_, n) => pattern.parts[n]?.[0] === ':');
      return { key: pattern.key, route: this.#routes[pattern.key] as Route, params };
    }
    return undefined;
  }
}

/** A path as it was meant; clients write `@me` as `%40me`. */
function partsOf(path: string): string[] {
  try {
    return path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    return [];
  }
}

function variables({ parts }: Pattern): number {
  return parts.filter((part) => part.startsWith(':')).length;
}
