"""UniProt XML: the same document as that of the flat file, and broken or hostile files."""

import gzip
import os
import re
from pathlib import Path

import pytest

from corpora.documents import Document, ReadOptions, Record, RecordUnreadable
from corpora.uniprot import FORMAT
from tests.corpora.test_uniprot import MELITTIN, read
from tokenization.markers import reveal

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<uniprot xmlns="http://uniprot.org/uniprot"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
"""
TAIL = "<copyright>\nDistributed under a licence\n</copyright>\n</uniprot>\n"
ENTRY = """<entry dataset="Swiss-Prot" created="1986-07-21" modified="2024-01-01" version="1">
  <accession>P00000</accession>
  <accession>Q00000</accession>
  <name>MEL_TEST</name>
  <protein>
    <recommendedName>
      <fullName evidence="1">Melittin</fullName>
      <shortName>MEL</shortName>
      <ecNumber evidence="2">3.1.1.4</ecNumber>
    </recommendedName>
  </protein>
  <gene>
    <name type="primary" evidence="1">MELT</name>
    <name type="synonym">M1</name>
    <name type="synonym">M2</name>
    <name type="ORF">orf7</name>
  </gene>
  <organism>
    <name type="scientific">Apis mellifera</name>
    <name type="common">Honeybee</name>
    <dbReference type="NCBI Taxonomy" id="7460"/>
    <lineage>
      <taxon>Eukaryota</taxon><taxon>Metazoa</taxon><taxon>Arthropoda</taxon><taxon>Apis</taxon>
    </lineage>
  </organism>
  <organismHost>
    <name type="scientific">Acheta domesticus</name>
    <name type="common">House cricket</name>
    <dbReference type="NCBI Taxonomy" id="6997"/>
  </organismHost>
  <reference key="1">
    <citation type="journal article" date="1970" name="J. Invented" volume="1" first="1" last="9">
      <title>The alpha- and beta-melittin of bees.</title>
      <authorList>
        <person name="Van den Berg A.B."/><person name="Jin D.-Y."/><person name="Dorris L. III"/>
      </authorList>
      <dbReference type="PubMed" id="4301"/>
      <dbReference type="DOI" id="10.1000/xyz"/>
    </citation>
    <scope>PROTEIN SEQUENCE</scope>
  </reference>
  <reference key="2">
    <citation type="submission" date="2013-02" db="EMBL/GenBank/DDBJ databases">
      <authorList>
        <consortium name="The Bee Consortium"/><person name="Smith J."/>
      </authorList>
    </citation>
    <scope>SEQUENCE</scope>
  </reference>
  <comment type="function">
    <text evidence="1 2">Makes pores in membranes (PubMed:4301, Ref.2). Binds 5-hydroxytryptamine \
(PubMed:999) (By similarity).</text>
  </comment>
  <comment type="catalytic activity">
    <reaction evidence="3">
      <text>A = B + 2 H(+)</text>
      <dbReference type="Rhea" id="RHEA:1"/>
      <dbReference type="EC" id="3.1.1.4"/>
    </reaction>
    <physiologicalReaction direction="left-to-right" evidence="2">
      <dbReference type="Rhea" id="RHEA:3"/>
    </physiologicalReaction>
  </comment>
  <comment type="cofactor">
    <cofactor evidence="2"><name>Mg(2+)</name><dbReference type="ChEBI" id="C:1"/></cofactor>
    <cofactor evidence="2"><name>Mn(2+)</name><dbReference type="ChEBI" id="C:2"/></cofactor>
    <text evidence="2">Binds 2 ions per subunit.</text>
  </comment>
  <comment type="biophysicochemical properties">
    <kinetics>
      <KM evidence="2">1.3 mM for A</KM>
      <Vmax evidence="2">2 umol/min/mg enzyme</Vmax>
      <text>Measured in water.</text>
    </kinetics>
    <phDependence><text evidence="2">Optimum pH is 7.5.</text></phDependence>
  </comment>
  <comment type="interaction">
    <interactant intactId="EBI-1"><id>P00000</id></interactant>
    <interactant intactId="EBI-2"><id>P12345</id><label>GENE</label></interactant>
    <organismsDiffer>false</organismsDiffer><experiments>2</experiments>
  </comment>
  <comment type="interaction">
    <interactant intactId="EBI-1"><id>P00000</id></interactant>
    <interactant intactId="EBI-1"><id>P00000</id><label>MELT</label></interactant>
    <organismsDiffer>false</organismsDiffer><experiments>2</experiments>
  </comment>
  <comment type="interaction">
    <interactant intactId="EBI-1"><id>P00000</id></interactant>
    <interactant intactId="EBI-3">
      <id>PRO_1</id><dbReference type="UniProtKB" id="O92972"/>
    </interactant>
    <organismsDiffer>true</organismsDiffer><experiments>5</experiments>
  </comment>
  <comment type="subcellular location">
    <molecule>Isoform 1</molecule>
    <subcellularLocation><location evidence="2">Secreted</location></subcellularLocation>
    <text>In venom.</text>
  </comment>
  <comment type="alternative products">
    <event type="alternative splicing"/>
    <isoform><id>P00000-1</id><name>1</name><sequence type="displayed"/></isoform>
    <isoform>
      <id>P00000-2</id><name>2</name><name>short</name>
      <sequence type="described" ref="VSP_000001"/>
      <text>No experimental confirmation available.</text>
    </isoform>
  </comment>
  <comment type="mass spectrometry" mass="2846" error="1" method="MALDI" evidence="2"/>
  <comment type="RNA editing">
    <location><position position="3"/></location>
    <location><position position="9"/></location>
    <text>Partial.</text>
  </comment>
  <comment type="disease">
    <disease id="DI-1">
      <name>Sting</name><acronym>STG</acronym><description>It hurts.</description>
      <dbReference type="MIM" id="123456"/>
    </disease>
    <text>Not caused by variants.</text>
  </comment>
  <comment type="sequence caution">
    <conflict type="erroneous initiation">
      <sequence resource="EMBL-CDS" id="AAA12345" version="1"/>
    </conflict>
    <text evidence="2">Too short.</text>
  </comment>
  <comment type="online information" name="A link"><link uri="https://example.org"/></comment>
  <comment type="similarity"><text evidence="2">Belongs to the melittin family.</text></comment>
  <dbReference type="EMBL" id="X1"><property type="status" value="NOT_ANNOTATED"/></dbReference>
  <proteinExistence type="evidence at protein level"/>
  <keyword id="KW-0027" evidence="2">Amidation</keyword>
  <keyword id="KW-0903">Direct protein sequencing</keyword>
  <keyword id="KW-0964">Secreted</keyword>
  <feature type="chain" description="Melittin" id="PRO_1">
    <location><begin position="1" status="less than"/><end position="26"/></location>
  </feature>
  <feature type="zinc finger region" description="C2H2-type" evidence="2">
    <location><begin position="2"/><end position="12"/></location>
  </feature>
  <feature type="disulfide bond" description="Interchain">
    <location><begin position="3"/><end position="9"/></location>
  </feature>
  <feature type="binding site" description="axial binding residue">
    <location><position position="5"/></location>
    <ligand><name>heme b</name><dbReference type="ChEBI" id="CHEBI:1"/></ligand>
    <ligandPart><name>Fe</name><dbReference type="ChEBI" id="CHEBI:2"/></ligandPart>
  </feature>
  <feature type="splice variant" description="In isoform 2." id="VSP_000001">
    <original>GIGAVLKVL</original><variation>MKV</variation>
    <location><begin position="1"/><end position="9"/></location>
  </feature>
  <feature type="sequence conflict" description="In Ref. 1; AA sequence." ref="1">
    <original>S</original><variation>T</variation>
    <location><position position="20"/></location>
  </feature>
  <feature type="helix" evidence="4">
    <location><begin position="2"/><end position="11"/></location>
  </feature>
  <feature type="helix"><location><begin position="13"/><end position="25"/></location></feature>
  <evidence type="ECO:0000305" key="2"/>
  <sequence length="26" mass="2847" checksum="8B8FD6D2F3A5FF5E" modified="1986-07-21" \
version="1" fragment="single">GIGAVLKVLTTGLPALISWIKRKRQQ</sequence>
</entry>
"""


def records_of(raw: bytes, folder: Path, name: str = "entries.xml") -> list[Record]:
    path = folder / name
    path.write_bytes(raw)
    return list(FORMAT.records(path, ReadOptions()))


def document_of(entry: str, folder: Path, seed: int = 0) -> Document:
    (record,) = records_of((HEAD + entry + TAIL).encode(), folder)
    return FORMAT.read(record, ReadOptions(seed=seed))


@pytest.mark.parametrize("seed", range(6))
def test_the_same_document_as_that_of_the_flat_file(seed: int, tmp_path: Path) -> None:
    xml, flat = document_of(ENTRY, tmp_path, seed), read(MELITTIN, seed)
    assert reveal(xml.text) == reveal(flat.text)
    assert xml.metadata == flat.metadata
    assert xml.citations == flat.citations


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ('<comment type="subcellular location"><subcellularLocation><location>Golgi apparatus'
         "</location><location>PML body</location><location>Cisterna</location><topology>Lipid-"
         "anchor</topology><orientation>Lumenal side</orientation></subcellularLocation></comment>",
         "Golgi apparatus, PML body, cisterna; Lipid-anchor; Lumenal side."),
        ('<comment type="subcellular location"><subcellularLocation><location status="potential">'
         "Cytoplasm</location></subcellularLocation></comment>", "Cytoplasm (Potential)."),
        ('<comment type="disease"><text>Note=Increased in sting.</text></comment>',
         "Increased in sting."),
        ('<comment type="biophysicochemical properties"><absorption><max>~450 nm</max>'
         "</absorption></comment>", "Absorption: Abs(max) = ~450 nm."),
        ('<comment type="tissue specificity"><text>Everywhere</text></comment>',
         "Everywhere."),
        ('<feature type="mutagenesis site" description="Loses its sting."><original>K</original>'
         "<variation>A</variation><variation>R</variation><location><position position='7'/>"
         "</location></feature>", "- Residue 7: Mutagenesis, K->A,R: Loses its sting."),
        ('<feature type="sequence variant" description="In dbSNP:rs1."><location>'
         "<position position='7'/></location></feature>",
         "- Residue 7: Natural variant, Missing (in dbSNP:rs1)."),
        ('<feature type="signal peptide" status="potential"><location><begin position="1"/>'
         '<end status="unknown"/></location></feature>',
         "- From residue 1 to an unknown position: Signal peptide (potential)."),
        ('<feature type="binding site"><location><position position="7"/></location><ligand>'
         "<name>Zn(2+)</name><label>2</label><note>catalytic</note></ligand></feature>",
         "- Residue 7: Binding site, Zn(2+) 2; catalytic."),
        ('<geneLocation type="chloroplast"/><geneLocation type="plasmid"><name>pX</name>'
         "</geneLocation>", "- Encoded in: Plastid; Chloroplast, and Plasmid pX"),
    ],
)  # fmt: skip
def test_other_elements(xml: str, words: str, tmp_path: Path) -> None:
    entry = re.sub(r"<(comment|feature).*</\1>", "", ENTRY, flags=re.DOTALL)
    assert words in reveal(document_of(entry.replace("</entry>", xml + "</entry>"), tmp_path).text)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('length="26"', 'length="27"'), "sequence length disagrees"),
        (('mass="2847"', 'mass="3847"'), "sequence mass disagrees"),
        (('mass="2847"', 'mass="many"'), "malformed entry"),
        (("<accession>", "<accessions>"), "not well-formed XML"),
        (("KRKRQQ<", "KRKR1!<"), "no protein sequence"),
        (("<gene>", "<gene>&entity;"), "not well-formed XML"),
    ],
)
def test_a_bad_entry_is_refused_with_its_reason(
    change: tuple[str, str], reason: str, tmp_path: Path
) -> None:
    assert change[0] in ENTRY
    with pytest.raises(RecordUnreadable) as caught:
        document_of(ENTRY.replace(change[0], change[1], 1), tmp_path)
    assert caught.value.reason == reason


def test_what_a_file_holds_around_a_bad_entry_is_kept(tmp_path: Path) -> None:
    other = ENTRY.replace("P00000</acc", "P00009</acc")
    bad = "<entry><nothing/></entry>"
    raw = (HEAD + ENTRY + bad + other + ENTRY[:900]).encode()
    records = records_of(raw, tmp_path)
    assert [r.record_id for r in records] == ["P00000", "entries.xml#2", "P00009", "P00000"]
    outcomes = []
    for record in records:
        try:
            outcomes.append(FORMAT.read(record, ReadOptions()).record_id)
        except RecordUnreadable as error:
            outcomes.append(error.reason)
    assert outcomes == ["P00000", "no accession", "P00009", "record not terminated"]


def test_blocks_and_compression_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corpora.uniprot import framing

    raw = (HEAD + ENTRY * 3 + TAIL).encode()
    whole = records_of(raw, tmp_path)
    for size in (64, 1000, 4096):
        monkeypatch.setattr(framing, "_BLOCK_BYTES", size)
        assert records_of(raw, tmp_path) == whole
    assert len(whole) == 3
    packed = records_of(gzip.compress(raw), tmp_path, "entries.xml.gz")
    assert [record.payload.data for record in packed] == [r.payload.data for r in whole]


@pytest.mark.parametrize("raw", [b"<uniprot/>", b"<html><body>words</body></html>", b"<" * 3000])
def test_other_xml_is_named(raw: bytes, tmp_path: Path) -> None:
    (record,) = records_of(raw, tmp_path)
    with pytest.raises(RecordUnreadable, match="not UniProt XML"):
        FORMAT.read(record, ReadOptions())


@pytest.mark.realdata
@pytest.mark.skipif("REALDATA" not in os.environ, reason="needs real files in $REALDATA")
def test_real_entries_are_the_same_in_both_formats() -> None:
    folder = Path(os.environ["REALDATA"]) / "uniprot"
    for name in ("F2CXE6", "Q13639"):
        texts = []
        for suffix in (".txt", ".xml"):
            (record,) = FORMAT.records(folder / f"{name}{suffix}", ReadOptions())
            document = FORMAT.read(record, ReadOptions())
            texts.append((reveal(document.text), document.metadata, document.citations))
        assert texts[0] == texts[1], name
