"""The order of the phases: a directed acyclic graph from `after` and `needs`.

Names that are no phases are ignored here; the lowering reports them. Sets of phases are bit sets
in Python integers, so that a chain of thousands of phases stays small; bit i stands for the
phase declared as number i.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping

from rbdsl.model.plan import Phase, Plan
from rbdsl.model.values import Name
from rbdsl.record import dataclass


class Ancestors(Mapping[str, frozenset[str]]):
    """For each phase all phases that it comes after, decoded only when asked for."""

    __slots__ = ("_bits", "_index", "_names")

    def __init__(self, names: tuple[str, ...], bits: list[int]) -> None:
        self._names = names
        self._bits = bits
        self._index = {name: i for i, name in enumerate(names)}

    def __getitem__(self, name: str) -> frozenset[str]:
        return frozenset(self._names[i] for i in members(self._bits[self._index[name]]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def comes_after(self, later: str, earlier: str) -> bool:
        """Whether one phase comes after another; False for a phase and itself."""
        return bool(self._bits[self._index[later]] >> self._index[earlier] & 1)


@dataclass(frozen=True, slots=True)
class PhaseGraph:
    """The phases with their order, all by their number in the order of declaration.

    `order` is topological, ties in order of declaration. `predecessors[i]` are the direct ones
    as declared, without repetitions; `ancestors[i]` the set of all, as bits.
    """

    phases: tuple[Phase, ...]
    order: tuple[int, ...]
    predecessors: tuple[tuple[int, ...], ...]
    ancestors: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the phases in order of declaration."""
        return tuple(phase.name.text for phase in self.phases)

    def ancestor_names(self) -> Ancestors:
        """The ancestors by name."""
        return Ancestors(self.names, list(self.ancestors))

    def reduced(self, chosen: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """What each chosen phase directly waits for when only the chosen ones run.

        Two phases are ordered where a path joins them in the full graph, over phases that are
        left out too. Phases that another predecessor already waits for are not repeated. Keys
        stand in topological order, values in order of declaration.
        """
        inside = set(chosen)
        position = {number: at for at, number in enumerate(self.order)}
        frontiers: list[frozenset[int]] = [frozenset()] * len(self.phases)
        result: dict[int, tuple[int, ...]] = {}
        for number in self.order:
            reach = _union([frontiers[earlier] for earlier in self.predecessors[number]])
            if number not in inside:
                frontiers[number] = reach
                continue
            frontiers[number] = frozenset((number,))
            kept: list[int] = []
            covered = 0
            for earlier in sorted(reach, key=position.__getitem__, reverse=True):
                if not covered >> earlier & 1:
                    kept.append(earlier)
                    covered |= self.ancestors[earlier]
            result[number] = tuple(sorted(kept))
        return result


@dataclass(frozen=True, slots=True)
class Cycle:
    """Phases that wait for each other in a circle.

    `path` starts with the one declared first, each entry runs before the next, the last before
    the first. `edges[i]` is the name as written in `path[i + 1]` (the last one: in `path[0]`)
    that asks to come after `path[i]`.
    """

    path: tuple[Phase, ...]
    edges: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class RedundantOrder:
    """An `after` that says nothing new: `via` is a direct predecessor that implies it.

    Where the same phase is named twice, `via` is the other mention.
    """

    phase: Phase
    reference: Name
    via: Name


def build_graph(plan: Plan) -> PhaseGraph | tuple[Cycle, ...]:
    """The graph of a plan, or its cycles where it has some."""
    phases = plan.phases
    index = {phase.name.text: i for i, phase in reversed(list(enumerate(phases)))}
    predecessors = tuple(_direct(phase, index) for phase in phases)
    order = _topological(predecessors)
    if len(order) < len(phases):
        return _cycles(phases, predecessors, frozenset(order))
    ancestors = [0] * len(phases)
    for number in order:
        found = 0
        for earlier in predecessors[number]:
            found |= ancestors[earlier] | 1 << earlier
        ancestors[number] = found
    return PhaseGraph(phases, order, predecessors, tuple(ancestors))


def redundant_orders(plan: Plan) -> tuple[RedundantOrder, ...]:
    """Every `after` that the rest of the plan implies; none where the plan has a cycle.

    `needs` is never redundant, because it also binds the scenarios.
    """
    graph = build_graph(plan)
    if not isinstance(graph, PhaseGraph):
        return ()
    index = {name: i for i, name in enumerate(graph.names)}
    return tuple(found for phase in plan.phases for found in _redundant_in(phase, graph, index))


def members(bits: int) -> Iterator[int]:
    """The numbers in a bit set, ascending."""
    # Byte by byte: clearing the lowest bit of a long integer again and again is quadratic.
    for at, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            for bit in range(8):
                if byte >> bit & 1:
                    yield at * 8 + bit


def _union(parts: list[frozenset[int]]) -> frozenset[int]:
    # One part is passed on as it is, so that a long chain shares one set.
    return parts[0] if len(parts) == 1 else frozenset().union(*parts)


def _direct(phase: Phase, index: Mapping[str, int]) -> tuple[int, ...]:
    named = (index.get(name.text) for name in (*phase.after, *phase.needs))
    return tuple(dict.fromkeys(number for number in named if number is not None))


def _topological(predecessors: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
    """The numbers that can be put in order; those on or behind a cycle are left out."""
    successors: list[list[int]] = [[] for _ in predecessors]
    for number, earlier in enumerate(predecessors):
        for before in earlier:
            successors[before].append(number)
    waiting = [len(earlier) for earlier in predecessors]
    ready = [number for number, count in enumerate(waiting) if not count]
    order: list[int] = []
    while ready:
        number = heapq.heappop(ready)
        order.append(number)
        for later in successors[number]:
            waiting[later] -= 1
            if not waiting[later]:
                heapq.heappush(ready, later)
    return tuple(order)


def _cycles(
    phases: tuple[Phase, ...], predecessors: tuple[tuple[int, ...], ...], sound: frozenset[int]
) -> tuple[Cycle, ...]:
    """One shortest cycle for each knot of phases that depend on each other."""
    # Importing it takes 150 ms, which only a broken plan has to pay.
    import networkx as nx

    digraph: nx.DiGraph[int] = nx.DiGraph()
    for number, earlier in enumerate(predecessors):
        if number not in sound:
            digraph.add_edges_from((before, number) for before in earlier if before not in sound)
    knots = [sorted(knot) for knot in nx.strongly_connected_components(digraph)]
    cycles = []
    for knot in sorted(knots):
        first = knot[0]
        if len(knot) == 1 and not digraph.has_edge(first, first):
            continue
        inside = digraph.subgraph(knot)
        back = [
            nx.shortest_path(inside, later, first) for later in sorted(inside.successors(first))
        ]
        ring = [first, *min(back, key=len)[:-1]]
        cycles.append(_cycle(phases, ring))
    return tuple(cycles)


def _cycle(phases: tuple[Phase, ...], ring: list[int]) -> Cycle:
    path = tuple(phases[number] for number in ring)
    edges = []
    for before, later in zip(path, (*path[1:], path[0]), strict=True):
        wanted = before.name.text
        edges.append(next(n for n in (*later.after, *later.needs) if n.text == wanted))
    return Cycle(path, tuple(edges))


def _redundant_in(
    phase: Phase, graph: PhaseGraph, index: Mapping[str, int]
) -> Iterator[RedundantOrder]:
    known = [name for name in (*phase.needs, *phase.after) if name.text in index]
    first: dict[str, Name] = {}
    for name in known:
        first.setdefault(name.text, name)
    for reference in phase.after:
        if reference.text not in index:
            continue
        if first[reference.text] is not reference:
            yield RedundantOrder(phase, reference, first[reference.text])
            continue
        bit = index[reference.text]
        for via in first.values():
            if graph.ancestors[index[via.text]] >> bit & 1:
                yield RedundantOrder(phase, reference, via)
                break
