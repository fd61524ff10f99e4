/** What is known about ids, of the latest of them: ids that others choose can fill no memory. */
export class LatestIds<V> {
  /** A map keeps its keys in the order in which they came. */
  readonly #values = new Map<string, V>();
  readonly #most: number;

  /** @param most of them; the oldest are forgotten. */
  constructor(most: number) {
    this.#most = most;
  }

  has(id: string): boolean {
    return this.#values.has(id);
  }

  get(id: string): V | undefined {
    return this.#values.get(id);
  }

  /** The id is now the latest, also where it was known already. */
  set(id: string, value: V): void {
    this.#values.delete(id);
    this.#values.set(id, value);
    const oldest = this.#values.keys().next().value;
    if (this.#values.size > this.#most && oldest !== undefined) this.#values.delete(oldest);
  }
}
