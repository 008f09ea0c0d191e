"""The fast matrices are those of the QR library, and a batch shares version, level and mask."""

from hypothesis import given, settings
from hypothesis import strategies as st
from qrcode import util

from platforms.artwork import matrices
from platforms.artwork.matrices import DIRECT_BELOW, Encoder, Matrix, Plan, plan_batch, reference
from platforms.artwork.spec import Level
from tests.platforms.artwork.samples import some_codes

payloads = st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(payloads, st.sampled_from(list(Level)), st.integers(0, 7), st.integers(5, 9))
def test_the_affine_matrix_is_the_librarys(some: list[bytes], level: Level, mask: int, version: int) -> None:
    encoder = Encoder(Plan(version, level, mask), expected=DIRECT_BELOW)
    for payload in some:
        assert encoder.encode(payload) == reference(payload, encoder.plan)


def test_a_thousand_codes_cost_few_library_matrices(monkeypatch) -> None:
    made: list[bytes] = []
    library = matrices.reference

    def counted(payload: bytes, plan: Plan) -> Matrix:
        made.append(payload)
        return library(payload, plan)

    monkeypatch.setattr(matrices, "reference", counted)
    wanted = [item.url.encode() for item in some_codes(1000)]
    encoder = Encoder(Plan(3, Level.Q, 0), expected=1000)

    results = [encoder.encode(payload) for payload in wanted]

    assert len({matrix.bits for matrix in results}) == 1000
    assert len(made) <= 1 + 9 * 7


def test_the_version_is_for_the_longest_and_the_level_as_good_as_it_holds() -> None:
    # Bytes held (ISO/IEC 18004, table 7): version 3 at M 42, at Q 32; version 1 at L 17, M 14, Q 11, H 7.
    assert plan_batch([b"a" * 20, b"a" * 32], Level.M).version == 3
    assert plan_batch([b"a" * 32], Level.M).level is Level.Q
    assert plan_batch([b"a" * 33], Level.M).level is Level.M
    assert plan_batch([b"a" * 33], Level.Q).version == 4
    assert plan_batch([b"a" * 14], Level.L).level is Level.M
    assert plan_batch([b"a" * 7], Level.L).level is Level.H


def test_the_mask_has_the_least_mean_penalty_of_the_sample() -> None:
    sample = [item.url.encode() for item in some_codes(8)]
    plan = plan_batch(sample, Level.M)

    def penalty(mask: int) -> int:
        shown = (reference(payload, Plan(plan.version, plan.level, mask)) for payload in sample)
        return sum(util.lost_point([[cell == "1" for cell in row] for row in matrix.rows()]) for matrix in shown)

    assert penalty(plan.mask) == min(map(penalty, range(8)))
