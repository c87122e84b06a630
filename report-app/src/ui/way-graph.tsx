import { Graph, layout, type GraphLabel } from '@dagrejs/dagre';
import { curveBasis, line } from 'd3-shape';
import type { JSX } from 'preact';
import { withoutControls } from '../../../core/wording/html.ts';
import type { WayGraph } from '../data/ways.ts';
import { Scroll } from './parts.tsx';

const NODE_HEIGHT = 30;
const CHARACTER = 7.4;
const MOST_CHARACTERS = 26;

const short = (label: string): string => {
  const text = withoutControls(label);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
};

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface PlacedEdge extends Placed {
  readonly points: { readonly x: number; readonly y: number }[];
}

/** Ways to administrator permissions, from left to right. The list beside it says the same. */
export function WayGraphPicture({
  graph,
  onOpen,
}: {
  readonly graph: WayGraph;
  readonly onOpen: (node: string) => void;
}): JSX.Element {
  const placed = placedGraph(graph);
  const curve = line<{ readonly x: number; readonly y: number }>()
    .x(({ x }) => x)
    .y(({ y }) => y)
    .curve(curveBasis);
  return (
    <Scroll label="Ways to administrator permissions, as a graph" class="graph">
      <svg
        width={placed.width}
        height={placed.height}
        viewBox={`0 0 ${placed.width} ${placed.height}`}
        role="img"
        aria-label="Ways to administrator permissions. The list below has the same ways."
      >
        <defs>
          <marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L10 5L0 10z" />
          </marker>
        </defs>
        {placed.edges.map(({ key, points, label, isCertain, x, y }) => (
          <g key={key} class={`edge ${isCertain ? '' : 'possible'}`}>
            <path d={curve(points) ?? ''} marker-end="url(#arrow)" />
            {label !== '' && (
              <text x={x} y={y} dy="-4" text-anchor="middle">
                {short(label)}
              </text>
            )}
          </g>
        ))}
        {graph.nodes.map(({ id, kind, label }) => {
          const place = placed.nodes.get(id);
          if (place === undefined) return null;
          return (
            <g
              key={id}
              class={`graph-node ${kind}`}
              transform={`translate(${place.x - place.width / 2} ${place.y - place.height / 2})`}
              onClick={() => {
                onOpen(id);
              }}
            >
              <title>{withoutControls(label)}</title>
              <rect width={place.width} height={place.height} rx="6" />
              <text x={place.width / 2} y={place.height / 2} dy="0.34em" text-anchor="middle">
                {short(label)}
              </text>
            </g>
          );
        })}
      </svg>
    </Scroll>
  );
}

function placedGraph({ nodes, edges }: WayGraph): {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<string, Placed>;
  readonly edges: readonly {
    readonly key: string;
    readonly points: { readonly x: number; readonly y: number }[];
    readonly label: string;
    readonly isCertain: boolean;
    readonly x: number;
    readonly y: number;
  }[];
} {
  const graph = new Graph<GraphLabel, Placed, PlacedEdge>({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 40, marginx: 8, marginy: 12 });
  for (const { id, label } of nodes) {
    graph.setNode(id, { width: short(label).length * CHARACTER + 24, height: NODE_HEIGHT, x: 0, y: 0 });
  }
  for (const [index, { from, to, label }] of edges.entries()) {
    const size = { width: short(label).length * 6.2 + 8, height: 16, labelpos: 'c' };
    graph.setEdge(from, to, { ...size, x: 0, y: 0, points: [] }, `edge ${index}`);
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: new Map(
      nodes.map(({ id }) => {
        return [id, graph.node(id)];
      }),
    ),
    edges: edges.map(({ from, to, label, isCertain }, index) => {
      const edge = graph.edge(from, to, `edge ${index}`);
      return {
        key: JSON.stringify([from, to, label]),
        points: edge.points,
        label,
        isCertain,
        x: edge.x,
        y: edge.y,
      };
    }),
  };
}
