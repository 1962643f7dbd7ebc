"""The FASTA reader: whole documents, headers, kinds of letters, long and broken files."""

import gzip
import io
import os
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from Bio.SeqUtils import gc_fraction, molecular_weight
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.documents import Document, ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.fasta import FORMAT
from corpora.fasta.framing import FastaOptions
from corpora.fasta.headers import described
from corpora.sequences import kind_of
from tokenization.markers import pairing_fault, reveal


def records_of(raw: bytes, folder: Path, name: str = "a.fasta") -> list[Record]:
    path = folder / name
    path.write_bytes(raw)
    return list(FORMAT.records(path, ReadOptions()))


def documents_of(raw: bytes, folder: Path, name: str = "a.fasta") -> list[Document]:
    documents = [FORMAT.read(record, ReadOptions()) for record in records_of(raw, folder, name)]
    for document in documents:
        assert pairing_fault(document.text) is None
    return documents


def text_of(raw: str, folder: Path) -> str:
    (document,) = documents_of(raw.encode(), folder)
    return reveal(document.text)


def test_a_protein_of_uniprot(tmp_path: Path) -> None:
    header = ">sp|P01501|MEL_APIME Melittin OS=Apis mellifera OX=7460 GN=MELT PE=1 SV=1"
    (document,) = documents_of(f"{header}\nGIGAVLKVLT\nTGLPALISWIKRKRQQ\n".encode(), tmp_path)
    assert reveal(document.text) == (
        "# Melittin\n\nUniProtKB/Swiss-Prot P01501 is a protein of 26 amino acids from Apis "
        "mellifera (NCBI taxonomy ID 7460), gene MELT; its mass is 2847 Da.\n\n"
        "[START_AMINO]GIGAVLKVLTTGLPALISWIKRKRQQ[END_AMINO]"
    )
    assert document.metadata == {
        "identifier": "P01501",
        "kind": "protein",
        "length": 26,
        "database": "UniProtKB/Swiss-Prot",
        "organism": "Apis mellifera",
        "taxonomy_id": 7460,
        "gene": "MELT",
    }


def test_a_nameless_sequence_and_its_comments(tmp_path: Path) -> None:
    text = text_of("; a comment\n>\n;more\nacgt ACGT\n1 ggccggccgg\n\n60 aattaa\n", tmp_path)
    assert text == (
        "# DNA sequence\n\nThis sequence is a DNA sequence of 24 bases; its G+C content is 58.3%."
        "\n\n[START_DNA]ACGTACGTGGCCGGCCGGAATTAA[END_DNA]"
    )


@pytest.mark.parametrize(
    ("header", "identifier", "title", "organism", "database"),
    [
        ("gi|5|ref|NP_052604.1| plasmid mobilization [Escherichia coli O157:H7 str. Sakai]",
         "NP_052604.1", "plasmid mobilization", "Escherichia coli O157:H7 str. Sakai", "RefSeq"),
        ("WP_000123.1 MULTISPECIES: kinase [[Clostridium] symbiosum]",
         "WP_000123.1", "MULTISPECIES: kinase", "[Clostridium] symbiosum", "RefSeq"),
        ("NM_001086277.1 Xenopus laevis hemoglobin, alpha 2 (hba2), mRNA",
         "NM_001086277.1", "Xenopus laevis hemoglobin, alpha 2 (hba2), mRNA", "", "RefSeq"),
        ("gi|671626|emb|CAA85685.1| rubisco large subunit",
         "CAA85685.1", "rubisco large subunit", "", "EMBL"),
        ("tr|A0A0A0|A0A0A0_X Isoform 2 of Some protein OS=Homo sapiens OX=9606 PE=4 SV=1",
         "A0A0A0", "Some protein, isoform 2", "Homo sapiens", "UniProtKB/TrEMBL"),
        ("UniRef50_Q9K794 Putative AgrB-like protein n=2 Tax=Bacillus TaxID=1386 RepID=AGRB_BACHD",
         "UniRef50_Q9K794", "Putative AgrB-like protein", "Bacillus", "UniRef50"),
        ("ENSP00000451042.1 pep chromosome:GRCh38:14:22449113:22449125:1 gene:ENSG00000223997.1 "
         "transcript:ENST00000415118.1 gene_biotype:TR_D_gene transcript_biotype:TR_D_gene "
         "gene_symbol:TRDD1 description:T cell receptor delta diversity 1 [Source:HGNC;Acc:1]",
         "ENSP00000451042.1", "TRDD1, T cell receptor delta diversity 1", "", "Ensembl"),
        ("ENST00000641515.2|ENSG00000186092.7|OTTHUMG00000001094.4|OTTHUMT00000003223.4|OR4F5-201|"
         "OR4F5|2618|UTR5:1-60|CDS:61-1041|", "ENST00000641515.2", "OR4F5-201", "", "GENCODE"),
        ("ENA|AJ298139|AJ298139.1 Homo sapiens mRNA for a protein.",
         "AJ298139.1", "Homo sapiens mRNA for a protein", "", "European Nucleotide Archive"),
        ("101M_1|Chain A|MYOGLOBIN|Physeter catodon (9755)",
         "101M, chain A", "MYOGLOBIN", "Physeter catodon", "Protein Data Bank"),
        ("1DPX:A|PDBID|CHAIN|SEQUENCE", "1DPX, chain A", "", "", "Protein Data Bank"),
        ("101m_A mol:protein length:154  MYOGLOBIN",
         "101M, chain A", "MYOGLOBIN", "", "Protein Data Bank"),
        ("gi|2781234|pdb|1JLY|B Chain B, Crystal Structure Of Agglutinin",
         "1JLY, chain B", "Crystal Structure Of Agglutinin", "", "Protein Data Bank"),
        ("lcl|NC_000913.3_cds_NP_414542.1_1 [gene=thrL] [locus_tag=b0001] [protein=thr operon "
         "leader peptide] [protein_id=NP_414542.1] [location=190..255] [gbkey=CDS]",
         "NC_000913.3_cds_NP_414542.1_1", "Coding sequence of thr operon leader peptide", "", ""),
        ("1 dna:chromosome chromosome:GRCh38:1:1:248956422:1 REF",
         "1", "Chromosome 1, assembly GRCh38", "", ""),
        ("hsa-let-7a-1 MI0000060 Homo sapiens let-7a-1 stem-loop",
         "hsa-let-7a-1", "MI0000060 Homo sapiens let-7a-1 stem-loop", "", ""),
        ("chr1", "chr1", "", "", ""),
        ("TRINITY_DN1_c0_g1_i1 len=247 path=[31:0-148 23:149-246]", "TRINITY_DN1_c0_g1_i1", "", "",
         ""),
        ("s1 toxin len=5 of bees", "s1", "toxin of bees", "", ""),
        ("P0A7Y4 3.1.26.4~~~rnhA~~~Ribonuclease HI~~~COG0328",
         "P0A7Y4", "Ribonuclease HI", "", "UniProt"),
        ("AT1G01010.1 | Symbols: NAC001, NTL10 | NAC domain protein 1 | chr1:3760-5630 FORWARD "
         "LENGTH=429", "AT1G01010.1", "NAC domain protein 1", "", ""),
        ("FBpp0070000 type=protein; loc=X:join(10..90,95..99); ID=FBpp0070000; name=Nep3-PA; "
         "species=Dmel;", "FBpp0070000", "Nep3-PA", "Drosophila melanogaster", ""),
    ],
)  # fmt: skip
def test_dialects(header: str, identifier: str, title: str, organism: str, database: str) -> None:
    found = described(header.encode())
    assert (found.identifier, found.title) == (identifier, title)
    assert (found.organism, found.database) == (organism, database)


def test_what_a_header_says_beside_the_names() -> None:
    pep = described(
        b"ENSP1 pep chromosome:GRCh38:14:22449113:22449125:-1 gene:ENSG00000223997.1 "
        b"transcript:ENST1 transcript_biotype:protein_coding"
    )
    assert pep.kind == "protein"
    assert pep.facts == (
        "Its gene ENSG00000223997.1 lies on chromosome 14 of assembly GRCh38, bases 22449113 to "
        "22449125 on the complementary strand.",
        "The transcript is ENST1 (biotype protein coding).",
    )
    cluster = described(b"UniRef90_P1 X n=3 Tax=Bos TaxID=9913 RepID=P1_BOVIN")
    assert cluster.taxonomy_id == 9913
    assert cluster.facts[0] == "The cluster has 3 members with at least 90% sequence identity."
    several = described(b"WP_1.1 one [Bos taurus]\x01WP_2.1 two [Bos]\x01WP_3.1 three [Bos]")
    assert several.facts == ("2 other database entries have the same sequence.",)


@pytest.mark.parametrize(
    ("header", "letters", "kind", "marker"),
    [
        ("x", "GATTACAGATTACA", "DNA", "[START_DNA]GATTACAGATTACA[END_DNA]"),
        ("x", "gattnryacagatt", "DNA", "[START_DNA]GATTNRYACAGATT[END_DNA]"),
        ("x", "GAUUACAGAUUACA", "RNA", "[START_DNA]GAUUACAGAUUACA[END_DNA]"),
        ("x", "MKVDSHWRY", "protein", "[START_AMINO]MKVDSHWRY[END_AMINO]"),
        ("x", "MSUOBZXJ*", "protein", "[START_AMINO]MSUOBZXJ[END_AMINO]"),
        ("x", "MK*LV", "protein", "[START_AMINO]MK*LV[END_AMINO]"),
        ("x", "A-CG..T~A", "DNA", "[START_DNA]ACGTA[END_DNA]"),
        ("x", "ACG?TACGA", "DNA", "[START_DNA]ACGNTACGA[END_DNA]"),
        ("x", "N" * 30, "DNA", f"[START_DNA]{'N' * 30}[END_DNA]"),
        ("NP_1234567.1 peptide", "MAAAGGK", "protein", "[START_AMINO]MAAAGGK[END_AMINO]"),
        ("sp|P12345|A_B its gene", "ATGACCTAA", "DNA", "[START_DNA]ATGACCTAA[END_DNA]"),
    ],
)  # fmt: skip
def test_kinds(header: str, letters: str, kind: str, marker: str, tmp_path: Path) -> None:
    (document,) = documents_of(f">{header}\n{letters}\n".encode(), tmp_path)
    assert document.metadata["kind"] == kind
    assert marker in reveal(document.text)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b">x\n", "no sequence"),
        (b">x\n>y\nACGT\n", "no sequence"),
        (b">x\nACGTUUACGT\n", "not a sequence"),
        (b">x\nMKV@LLL\n", "not a sequence"),
        (b">x\n" + "MKVÄÖLLL\n".encode(), "not a sequence"),
        (b"no header at all\nACGT\n", "not FASTA"),
        (b"benzene\n  1  0\nM  END\n> <FORMULA>\nCHO\n\n$$$$\n", "not FASTA"),
        (b"A session:\n>>> exp(1)\nE\n", "not FASTA"),
        (b"\x00\x01\x02" * 2000, "not FASTA"),
        (b">" + b"x" * (3 << 20), "header too long"),
    ],
)
def test_what_is_refused(raw: bytes, reason: str, tmp_path: Path) -> None:
    first = records_of(raw, tmp_path)[0]
    with pytest.raises(RecordUnreadable) as caught:
        FORMAT.read(first, ReadOptions())
    assert caught.value.reason == reason


@pytest.mark.parametrize("raw", [b"", b" \n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_records(raw: bytes, tmp_path: Path) -> None:
    assert records_of(raw, tmp_path) == []


def test_line_ends_compression_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    plain = b">x one\nACGTACGT\nGGCC\n>y two\nMKVLLE\n"
    expected = [document.text for document in documents_of(plain, tmp_path)]
    assert len(expected) == 2
    for name, raw in {
        "a.fa": plain.replace(b"\n", b"\r\n"),
        "b.fa": plain.replace(b"\n", b"\r"),
        "c.fa.gz": gzip.compress(plain),
        "d.fa": b"\xef\xbb\xbf\n" + plain.rstrip(),
        "e.pir": b">DL;x\none\nACGTACGT\nGGCC*\n>P1;y\ntwo\nMKVLLE*\n",
    }.items():
        assert [d.text for d in documents_of(raw, tmp_path, name)] == expected, name
    assert [p.name for p in FORMAT.find(tmp_path)] == [
        "a.fa", "a.fasta", "b.fa", "c.fa.gz", "d.fa", "e.pir",
    ]  # fmt: skip


def test_ids_are_unique_and_stable(tmp_path: Path) -> None:
    records = records_of(b">x\nACGT\n>x\nACGT\n>\nAC\n", tmp_path)
    assert [record.record_id for record in records] == ["x#1", "x#2", "sequence#3"]
    assert records[1].position == "a.fasta: sequence 2"


@pytest.mark.parametrize("width", [61, 10_000_000])
def test_a_chromosome_is_cut_into_parts(width: int, tmp_path: Path) -> None:
    unknown = "n" * FastaOptions().part_letters
    sequence = unknown + "acgtTGCA" * 400_000 + "GG"
    lines = "\n".join(sequence[i : i + width] for i in range(0, len(sequence), width))
    raw = f">before\nACGT\n>NC_000001.11 Homo sapiens chromosome 1\n{lines}\n>after\nMKVLE\n"
    records = records_of(raw.encode(), tmp_path)
    assert [records[0].record_id, records[-1].record_id] == ["before#1", "after#3"]
    parts = records[1:-1]
    assert [part.record_id for part in parts[:2]] == [
        "NC_000001.11#2:1-100000",
        "NC_000001.11#2:100001-200000",
    ]
    with pytest.raises(RecordDropped, match="only unknown bases"):
        FORMAT.read(parts[0], ReadOptions())
    assert "".join(part.payload.letters.decode() for part in parts) == sequence.upper()
    second = reveal(FORMAT.read(parts[1], ReadOptions()).text)
    assert second.startswith(
        "# Homo sapiens chromosome 1, bases 100001 to 200000\n\nThis part of RefSeq NC_000001.11 "
        "has the bases 100001 to 200000; its G+C content is 50.0%.\n\n[START_DNA]ACGTTGCAACGT"
    )
    assert f"bases 3300001 to {len(sequence)}" in FORMAT.read(parts[-1], ReadOptions()).text


def test_options(tmp_path: Path) -> None:
    path = tmp_path / "a.fa"
    path.write_text(">x\n" + "ACGU" * 600)
    options = ReadOptions(source=FastaOptions(part_letters=1000, rna_marker=True))
    records = list(FORMAT.records(path, options))
    assert [r.record_id for r in records] == ["x#1:1-1000", "x#1:1001-2000", "x#1:2001-2400"]
    last = reveal(FORMAT.read(records[-1], options).text)
    assert last.endswith(f"[START_RNA]{'ACGU' * 100}[END_RNA]")
    assert "This part of x has the bases 2001 to 2400" in last


class Endless(io.RawIOBase):
    """A chromosome without an end, as a file."""

    def __init__(self, blocks: int) -> None:
        self.left = blocks

    def read(self, size: int = -1) -> bytes:
        self.left -= 1
        return ((b"ACGT" * 20 + b"\n") * (size // 81 + 1))[:size] if self.left > 0 else b""


def test_a_damaged_stream_gives_the_entries_before_the_damage(tmp_path: Path) -> None:
    rng = random.Random(1)
    entries = [f">n{n}\n{''.join(rng.choices('ACGT', k=400))}\n" for n in range(500)]
    packed = gzip.compress("".join(entries).encode())
    (tmp_path / "a.fa.gz").write_bytes(packed[: len(packed) // 2])
    found: list[Record] = []
    with pytest.raises(RecordUnreadable, match="damaged compressed stream"):
        found.extend(FORMAT.records(tmp_path / "a.fa.gz", ReadOptions()))
    assert len(found) > 200


def test_a_header_may_hold_the_sign_of_an_entry(tmp_path: Path) -> None:
    text = ">a Asn->Lys\nMKV\n>b\nMLL\n>c >d\nMEE\n>"
    (tmp_path / "a.fa").write_text(text)
    records = list(FORMAT.records(tmp_path / "a.fa", ReadOptions()))
    entries = [(r.payload.header, r.payload.letters) for r in records]
    assert entries == [(b"a Asn->Lys", b"MKV"), (b"b", b"MLL"), (b"c >d", b"MEE"), (b"", b"")]
    assert sum(record.num_bytes for record in records) == len(text)


def test_a_record_of_any_size_takes_the_memory_of_a_few_blocks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from corpora.compressed_streams import Stream
    from corpora.fasta import framing

    def streams(path: Path, *suffixes: str) -> Any:
        file = Endless(240)
        first = b">chr1\n"
        original = file.read
        file.read = lambda size=-1: (  # type: ignore[method-assign]
            first + original(size) if file.left == 240 else original(size)
        )
        yield Stream("endless.fa", file)  # type: ignore[arg-type]

    monkeypatch.setattr(framing, "open_streams", streams)
    tracemalloc.start()
    letters = sum(len(r.payload.letters) for r in framing.entry_records(tmp_path, ReadOptions()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert letters > 59 * 1_000_000
    assert peak < 24 << 20


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ACDEFGHIKLMNPQRSTVWYUO", min_size=1, max_size=300).map(lambda s: "M" + s))
def test_length_and_mass_are_those_of_the_sequence(
    tmp_path_factory: pytest.TempPathFactory, residues: str
) -> None:
    folder = tmp_path_factory.mktemp("fasta")
    text = text_of(f">sp|P12345|X_Y Z\n{residues}\n", folder)
    if kind_of(residues.encode()) == "protein":
        unit = "amino acid" + "s" * (len(residues) > 1)
        assert f"a protein of {len(residues)} {unit};" in text
        assert f"its mass is {molecular_weight(residues, 'protein'):.0f} Da" in text
        assert f"[START_AMINO]{residues}[END_AMINO]" in text


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="ACGTNRYSW", min_size=60, max_size=300).map(lambda s: s + "ACGT" * 40))
def test_the_content_of_g_and_c_is_that_of_the_sequence(
    tmp_path_factory: pytest.TempPathFactory, bases: str
) -> None:
    text = text_of(f">x\n{bases}\n", tmp_path_factory.mktemp("fasta"))
    assert f"G+C content is {100 * gc_fraction(bases):.1f}%" in text


@pytest.mark.realdata
@pytest.mark.skipif("REALDATA" not in os.environ, reason="needs real files in $REALDATA")
def test_real_files() -> None:
    folder = Path(os.environ["REALDATA"]) / "fasta"
    documents = [
        FORMAT.read(record, ReadOptions())
        for path in FORMAT.find(folder)
        for record in FORMAT.records(path, ReadOptions())
    ]
    kinds = [document.metadata["kind"] for document in documents]
    assert (kinds.count("protein"), kinds.count("DNA")) == (11, 2)
    assert all(document.metadata["database"] for document in documents)
    plasmid = next(d for d in documents if d.metadata["identifier"] == "NC_005816.1")
    assert plasmid.metadata["length"] == 9609
