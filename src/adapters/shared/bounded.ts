/** A Map of at most so many: what was set longest ago goes. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #max: number;

  constructor(max: number) {
    super();
    this.#max = max;
  }

  override set(key: Key, value: Value): this {
    this.delete(key);
    super.set(key, value);
    const oldest = this.keys().next();
    if (this.size > this.#max && oldest.done !== true) this.delete(oldest.value);
    return this;
  }
}

/** A Set of at most so many: what was added longest ago goes. */
export class BoundedSet<Value> extends Set<Value> {
  readonly #max: number;

  constructor(max: number) {
    super();
    this.#max = max;
  }

  override add(value: Value): this {
    this.delete(value);
    super.add(value);
    const oldest = this.values().next();
    if (this.size > this.#max && oldest.done !== true) this.delete(oldest.value);
    return this;
  }
}
