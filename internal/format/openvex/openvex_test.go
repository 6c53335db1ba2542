package openvex

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/openvex/go-vex/pkg/vex"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/format/mutate"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func parse(t testing.TB, body []byte) advisory.Document {
	t.Helper()
	d, err := Format{}.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func render(t testing.TB, d advisory.Document) []byte {
	t.Helper()
	files, err := Format{}.Render(d)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 {
		t.Fatalf("%d files, want one", len(files))
	}
	return files[0].Body
}

func TestParseKeepsWhatADocumentStates(t *testing.T) {
	t.Parallel()
	d := parse(t, mutate.Read(t, "testdata/full.json"))
	want := advisory.Document{
		ID: "LW-2026-07", Version: "3",
		Publisher: advisory.Publisher{Name: "Lanternworks", Namespace: "https://lantern.example.org", Category: "vendor"},
		Initial:   time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC), Current: time.Date(2026, 3, 9, 10, 15, 30, 0, time.UTC),
		Products: []advisory.Product{
			{ID: "P1", Vendor: "lanternworks", Name: "lantern-server"},
			{ID: "P2", Name: "debian/lantern", PURL: "pkg:deb/debian/lantern?arch=amd64", CPE: "cpe:2.3:a:lanternworks:lantern_server:17.3.7:*:*:*:*:*:*:*"},
			{ID: "https://lantern.example.org/products/runner", Name: "runner",
				Hashes: map[string]string{"sha-256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}},
			{ID: "P4", Name: "cpe:2.3:a:lanternworks:lantern_agent:*:*:*:*:*:*:*:*", CPE: "cpe:2.3:a:lanternworks:lantern_agent:*:*:*:*:*:*:*:*"},
			{ID: "P5", Name: "@lantern/ui", PURL: "pkg:npm/%40lantern/ui"},
		},
		Vulns: []advisory.Vuln{
			{CVE: "CVE-1900-4242", Aliases: []string{"LW-2026-07-1", "GHSA-xxxx-fict-0001"}, Description: "A page title is shown unescaped.",
				Affected: []advisory.Affected{
					{Product: "P1", Status: advisory.KnownAffected, Versions: []string{"17.3.6", "17.3.5"}, Notes: "Found by reading the code.",
						Ranges: []advisory.Range{{Type: "semver", Introduced: "8.1", Fixed: "17.3.7"}, {Type: "semver", Introduced: "17.4", LastAffected: "17.4.3"}}},
					{Product: "P2", Status: advisory.Fixed, Versions: []string{"17.3.7-1"}},
				},
				Remediations: []advisory.Remediation{{Details: "Update to 17.3.7.", Date: time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC), Products: []string{"P1"}}}},
			{CVE: "CVE-1900-4243", Affected: []advisory.Affected{
				{Product: "https://lantern.example.org/products/runner", Status: advisory.KnownNotAffected, Justification: "vulnerable_code_not_present",
					Impact: "The runner shows no titles.", Parts: []advisory.Part{{Module: "pkg:golang/example.org/markup@1.2.0"}}},
				{Product: "P4", Status: advisory.KnownNotAffected, Impact: "The agent has no pages."}}},
			{Aliases: []string{"GHSA-xxxx-fict-0002"}, Affected: []advisory.Affected{
				{Product: "P5", Status: advisory.UnderInvestigation, Versions: []string{"1.0.0"}}}},
		},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("want (-) have (+)\n%s", diff)
	}
}

// house is a Document as the house drafts it.
func house() advisory.Document {
	at := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	return advisory.Document{
		ID: "ADV-7QK3D9XB", Version: "2", Initial: at, Current: at.Add(time.Hour),
		Publisher: advisory.Publisher{Name: "Lanternworks", Namespace: "https://lantern.example.org/", Category: "vendor"},
		Products: []advisory.Product{
			{ID: "ce", Vendor: "Lanternworks", Name: "Lantern Server"},
			{ID: "r1", Vendor: "Lanternworks", Name: "Lantern Runner", Version: "4.1+b2"},
			{ID: "r2", Vendor: "Lanternworks", Name: "Lantern Runner", Range: "< 4.1"},
			{ID: "gem", Name: "lantern-wiki", PURL: "pkg:gem/lantern-wiki"},
			{ID: "saas", Vendor: "Lanternworks", Name: "Lantern Server", Platform: "Lantern Cloud"},
			{ID: "jar", Name: "org.example:lantern", Ecosystem: "Maven", Package: "org.example:lantern"},
		},
		Vulns: []advisory.Vuln{
			{CVE: "CVE-1900-7001", Aliases: []string{"CVE-1900-7001", "LW-1"}, Description: "Any member can read private snippets.",
				Affected: []advisory.Affected{
					{Product: "ce", Status: advisory.KnownAffected, Ranges: []advisory.Range{{Type: "semver", Fixed: "16.9.7"}, {Type: "git", Introduced: "0a1b2c3"}, {Raw: "nightly builds"}}},
					{Product: "ce", Status: advisory.Fixed, Versions: []string{"16.9.7", "16.10.5"}},
					{Product: "ce", Status: advisory.Recommended, Versions: []string{"17.0"}},
					{Product: "r1", Status: advisory.KnownNotAffected},
					{Product: "r2", Status: advisory.KnownAffected},
					{Product: "gem", Status: advisory.KnownNotAffected, Justification: "component_not_present", Impact: "It has no snippets."},
				},
				Remediations: []advisory.Remediation{{Category: "vendor_fix", Details: "Update to 16.9.7.", Date: at, Products: []string{"ce"}},
					{Category: "workaround", URL: "https://lantern.example.org/close-sign-up", Products: []string{"ce"}}}},
			{Affected: []advisory.Affected{{Product: "ce", Status: advisory.UnderInvestigation},
				{Product: "saas", Status: advisory.KnownNotAffected, Impact: "Mended before the report."},
				{Product: "jar", Status: advisory.Fixed, Versions: []string{"2.0"}}}},
		},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	have := render(t, house())
	if *update {
		if err := os.WriteFile("testdata/house.golden.json", have, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(mutate.Read(t, "testdata/house.golden.json")), string(have)); diff != "" {
		t.Errorf("want (-) have (+); -update rewrites it\n%s", diff)
	}
	if again := render(t, house()); string(again) != string(have) {
		t.Error("the same Document gave two different documents")
	}
}

// TestGoVexReadsOurs: the reference implementation reads what we write, keeps
// every member, finds every statement valid, and finds each by what it is about.
func TestGoVexReadsOurs(t *testing.T) {
	t.Parallel()
	for _, d := range []advisory.Document{house(), parse(t, mutate.Read(t, "testdata/full.json"))} {
		body := render(t, d)
		doc, err := vex.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range doc.Statements {
			if err := s.Validate(); err != nil {
				t.Errorf("statement %d: %v", i, err)
			}
		}
		var theirs strings.Builder
		if err := doc.ToJSON(&theirs); err != nil {
			t.Fatal(err)
		}
		var want, have any
		if err := errors.Join(json.Unmarshal(body, &want), json.Unmarshal([]byte(theirs.String()), &have)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("ours (-) through go-vex (+)\n%s", diff)
		}
	}
	doc, err := vex.Parse(render(t, house()))
	if err != nil {
		t.Fatal(err)
	}
	s := doc.EffectiveStatement("pkg:generic/Lanternworks/Lantern%20Server@16.10.5", "CVE-1900-7001")
	if s == nil || s.Status != vex.StatusFixed {
		t.Errorf("go-vex finds %v for a fixed version", s)
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	first := parse(t, mutate.Read(t, "testdata/full.json"))
	again := parse(t, render(t, first))
	// A product that has nothing but a CPE name comes back under a package URL too.
	first.Products[3].ID, again.Products[3].ID = "", ""
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("first (-) again (+)\n%s", diff)
	}
}

func TestNothingUnstatedIsStated(t *testing.T) {
	t.Parallel()
	d := parse(t, render(t, house()))
	v := d.Vulns[0]
	for _, a := range v.Affected {
		if a.Impact == noReason {
			t.Error("a reason that nobody gave came back as one")
		}
	}
	for _, r := range v.Remediations {
		if r.Details == noAction || r.Category != "" {
			t.Errorf("an action that nobody stated came back: %v", r)
		}
	}
}

func TestProductsComeBack(t *testing.T) {
	t.Parallel()
	d := parse(t, render(t, house()))
	have := d.Products[len(d.Products)-2:]
	want := []advisory.Product{{ID: "P4", Vendor: "Lanternworks", Name: "Lantern Server", Platform: "Lantern Cloud"},
		{ID: "P5", Name: "org.example/lantern", PURL: "pkg:maven/org.example/lantern"}}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("want (-) have (+)\n%s", diff)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, namespace, id, want string }{
		{"the publisher's own", "https://lantern.example.org/", "ADV-1", "https://lantern.example.org/openvex/ADV-1"},
		{"a foreign IRI stays", "", "https://example.org/vex/1", "https://example.org/vex/1"},
		{"spaces are escaped", "https://lantern.example.org", "ADV 1/2", "https://lantern.example.org/openvex/ADV%201%2F2"},
	} {
		d := house()
		d.Publisher.Namespace, d.ID = c.namespace, c.id
		doc, err := vex.Parse(render(t, d))
		if err != nil || doc.ID != c.want {
			t.Errorf("%s: %s, %v, want %s", c.name, doc.ID, err, c.want)
		}
	}
	d := house()
	d.Publisher.Namespace = ""
	one := parse(t, render(t, d)).ID
	d.Vulns[0].Description = "Changed."
	if two := parse(t, render(t, d)).ID; two == one || !strings.HasPrefix(two, "https://openvex.dev/docs/public/vex-") {
		t.Errorf("%s and %s, want two hashes", one, two)
	}
}

func TestVersionOfAPackageURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ purl, base, version string }{
		{"pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64", "pkg:apk/wolfi/git?arch=x86_64", "2.39.0-r1"},
		{"pkg:npm/%40lantern/ui@1.0.0", "pkg:npm/%40lantern/ui", "1.0.0"},
		{"pkg:npm/@lantern/ui", "pkg:npm/@lantern/ui", ""},
		{"pkg:golang/example.org/x@v1.2.3#sub/dir", "pkg:golang/example.org/x#sub/dir", "v1.2.3"},
		{"pkg:oci/alpine@sha256%3A124c7d", "pkg:oci/alpine", "sha256:124c7d"},
	} {
		base, version := splitPURL(c.purl)
		if base != c.base || version != c.version {
			t.Errorf("%s: %s and %s, want %s and %s", c.purl, base, version, c.base, c.version)
		}
		if c.version != "" && !strings.Contains(joinPURL(base, version), "@") {
			t.Errorf("%s: the version is gone from %s", c.purl, joinPURL(base, version))
		}
	}
}

func TestRenderSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*advisory.Document)
		want   string
	}{
		{"no product", func(d *advisory.Document) { d.Products = nil }, "names no product"},
		{"no author", func(d *advisory.Document) { d.Publisher.Name = "" }, "empty"},
		{"a justification of another house", func(d *advisory.Document) { d.Vulns[0].Affected[3].Justification = "because" }, "is not one of"},
	} {
		d := house()
		c.change(&d)
		_, err := Format{}.Render(d)
		if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an Invalid fault with %q", c.name, err, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	whole := string(mutate.Read(t, "testdata/full.json"))
	for _, c := range []struct {
		name, old, new string
		level          advisory.Level
		pointer        string
	}{
		{"a status that is none", `"status": "fixed"`, `"status": "mended"`, advisory.Error, "/statements/1/status"},
		{"affected without an action", `"action_statement": "Update to 17.3.7.",`, ``, advisory.Error, "/statements/0"},
		{"not affected without a reason", `"impact_statement": "The agent has no pages."`, `"status_notes": "Believe us."`, advisory.Error, "/statements/3"},
		{"a justification that is none", `"vulnerable_code_not_present"`, `"we_are_careful"`, advisory.Error, "/statements/2/justification"},
		{"a vulnerability without a name", `{"name": "GHSA-xxxx-fict-0002"}`, `{"description": "?"}`, advisory.Error, "/statements/4/vulnerability"},
		{"a product without a name", `{"@id": "pkg:npm/%40lantern/ui@1.0.0"}`, `{}`, advisory.Error, "/statements/4/products/0"},
		{"a version of zero", `"version": 3`, `"version": 0`, advisory.Error, "/version"},
		{"no author", `"author": "Lanternworks",`, ``, advisory.Error, ""},
		{"a time that is none", `"timestamp": "2026-03-02T16:00:00Z"`, `"timestamp": "2026-03-02"`, advisory.Error, "/timestamp"},
		{"changed before it was", `"last_updated": "2026`, `"last_updated": "2025`, advisory.Warning, "/last_updated"},
		{"a reason beside fixed", `"status": "fixed"`, `"status": "fixed", "impact_statement": "none"`, advisory.Warning, "/statements/1/impact_statement"},
		{"two reasons", `"justification": "vulnerable_code_not_present",`, `"justification": "vulnerable_code_not_present", "impact_statement": "none",`, advisory.Warning, "/statements/2/impact_statement"},
		{"a member that nobody knows", `"role": "vendor"`, `"roll": "vendor"`, advisory.Error, "/roll"},
		{"two statements that contradict", `"products": [{"@id": "pkg:npm/%40lantern/ui@1.0.0"}],
      "status": "under_investigation"
    }`, `"products": [{"@id": "pkg:npm/%40lantern/ui@1.0.0"}],
      "status": "under_investigation"
    }, {"vulnerability": {"name": "GHSA-xxxx-fict-0002"}, "products": [{"@id": "pkg:npm/%40lantern/ui@1.0.0"}], "status": "fixed"}`, advisory.Error, "/statements/5/products/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(whole, c.old, c.new, 1)
			if broken == whole {
				t.Fatalf("the document has no %s", c.old)
			}
			found, err := Format{}.Check([]byte(broken))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if f.Level == c.level && f.Pointer == c.pointer {
					return
				}
			}
			t.Errorf("%v, want %s at %q", found, c.level, c.pointer)
		})
	}
	if found, err := (Format{}).Check([]byte(whole)); err != nil || len(found) != 0 {
		t.Errorf("the document as it is: %v, %v, want nothing", found, err)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"no JSON", `{"@context":`, "line 1"},
		{"another context", `{"@context":"https://example.org","@id":"x"}`, "is not OpenVEX"},
		{"no @id", `{"@context":"https://openvex.dev/ns/v0.2.0"}`, "/@id"},
		{"the older form, with a bare name", `{"@context":"https://openvex.dev/ns","@id":"x","statements":[{"vulnerability":"CVE-1900-1"}]}`, "does not fit"},
	} {
		_, err := Format{}.Parse([]byte(c.body))
		if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an Invalid fault with %q", c.name, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(mutate.Read(f, "testdata/full.json"))
	f.Add(mutate.Read(f, "testdata/house.golden.json"))
	f.Add([]byte(`{"@context":"https://openvex.dev/ns/v0.2.0","@id":"urn:1","author":"a","timestamp":"2026-01-01T00:00:00Z","version":1,
		"statements":[{"vulnerability":{"name":"CVE-1900-0001"},"products":[{"@id":"pkg:npm/a@1"}],"status":"fixed"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, checkErr := Format{}.Check(body)
		d, err := Format{}.Parse(body)
		if err != nil {
			return
		}
		if checkErr != nil {
			t.Errorf("Parse reads what Check cannot: %v", checkErr)
		}
		files, err := Format{}.Render(d)
		if err != nil {
			return
		}
		if _, err := vex.Parse(files[0].Body); err != nil {
			t.Errorf("go-vex cannot read ours: %v", err)
		}
		if _, err := (Format{}).Parse(files[0].Body); err != nil {
			t.Errorf("our own document cannot be read: %v", err)
		}
	})
}
