import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core';
import type { AriaRole, ComponentChildren, CSSProperties, JSX } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import { usePrinting } from './printing.ts';

/** More rows than this would make a printed report useless, and take browsers minutes. */
const MOST_PRINTED = 500;

export interface RowAttributes {
  readonly key: number | string;
  readonly ref?: (element: HTMLElement | null) => void;
  readonly 'data-index'?: number;
  readonly style?: CSSProperties;
}

interface VirtualListProps<Item> {
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** Height of a row in pixels before it is measured. */
  readonly estimate: number;
  /** Draws the row with the given attributes on its outermost element. */
  readonly row: (item: Item, index: number, attributes: RowAttributes) => ComponentChildren;
  readonly class?: string;
  readonly role?: AriaRole;
  readonly label?: string;
}

/** Draws only the rows in view, and all of the first 500 when the page is printed. */
export function VirtualList<Item>(props: VirtualListProps<Item>): JSX.Element {
  const { items, keyOf, row, role, label } = props;
  const isPrinting = usePrinting();
  const list = useRef<HTMLDivElement>(null);
  const virtualizer = useWindowVirtualizer(props, list);
  const accessible = {
    ...(role === undefined ? {} : { role }),
    ...(label === undefined ? {} : { 'aria-label': label }),
  };
  if (isPrinting) {
    return (
      <div class={props.class}>
        {items.slice(0, MOST_PRINTED).map((item, index) => row(item, index, { key: keyOf(item) }))}
        {items.length > MOST_PRINTED && (
          <p>
            The first {MOST_PRINTED} of {items.length.toLocaleString('en')} rows are printed. The export has all of
            them.
          </p>
        )}
      </div>
    );
  }
  return (
    <div
      ref={list}
      class={`virtual ${props.class ?? ''}`}
      style={{ height: `${virtualizer.getTotalSize()}px` }}
      {...accessible}
    >
      {virtualizer.getVirtualItems().map(({ index, start }) => {
        const item = items[index];
        if (item === undefined) return null;
        return row(item, index, {
          key: keyOf(item),
          ref: (element) => {
            virtualizer.measureElement(element);
          },
          'data-index': index,
          style: { transform: `translateY(${start - virtualizer.options.scrollMargin}px)` },
        });
      })}
    </div>
  );
}

function useWindowVirtualizer<Item>(
  { items, keyOf, estimate }: VirtualListProps<Item>,
  list: { readonly current: HTMLElement | null },
): Virtualizer<Window, HTMLElement> {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const [margin, setMargin] = useState(0);
  const options = {
    count: items.length,
    getScrollElement: () => window,
    estimateSize: () => estimate,
    getItemKey: (index: number) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
    overscan: 8,
    scrollMargin: margin,
    initialRect: { width: innerWidth, height: innerHeight },
    initialOffset: () => scrollY,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    onChange: () => {
      redraw(0);
    },
  };
  const [virtualizer] = useState(() => new Virtualizer<Window, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => {
    virtualizer._willUpdate();
    const top = list.current === null ? 0 : list.current.getBoundingClientRect().top + scrollY;
    // What is above the list may have changed its height.
    if (Math.abs(top - margin) > 1) setMargin(top);
  });
  return virtualizer;
}
