# 139_archives.pl
# make dist: an archive that PGXN takes, the same bytes each time, with a bill of materials and checksums.
#
# Packages and the image need root and another system: make check-packages and make check-image try those.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(slurp);
use Cwd qw(abs_path);
use Digest::SHA;
use File::Temp;
use JSON::PP;
use Test::More;

my $top = abs_path("$FindBin::RealBin/../..");
my %dist = map { $_ => File::Temp->newdir() } qw(one other later);
local $ENV{PACKAGES} = 'no';
plan skip_all => 'zip is not installed' if !-x '/usr/bin/zip' && ($ENV{CI} // '') ne 'true';

sub dist
{
	my ($name, $epoch) = @_;
	local @ENV{qw(DIST SOURCE_DATE_EPOCH MAINTAINER)} = ("$dist{$name}", $epoch, 'Ann Example <ann@id.example>');
	my $output = qx($top/.ci/dist 2>&1 </dev/null);
	is($?, 0, "make dist succeeds: $name") or diag($output);
	return { map { s{.*/}{}r => Digest::SHA->new(256)->addfile($_, 'b')->hexdigest } glob "$dist{$name}/*" };
}

my $one = dist('one', 1_790_000_000);
sleep 2;
my $other = dist('other', 1_790_000_000);
is_deeply($other, $one, 'two builds are the same bytes');
isnt(dist('later', 1_790_000_002)->{'SHA256SUMS'}, $one->{'SHA256SUMS'}, 'files have the time that they are given');
my ($zip) = grep { /\.zip$/ } keys %$one;
my ($name, $version) = $zip =~ /^(oauth-(\d+\.\d+\.\d+))\.zip$/;
ok($version, 'the archive is named as PGXN wants it');

# ---- what is in it ----

my $unpacked = File::Temp->newdir();
is(system("cd $unpacked && tar -xzf $dist{one}/$name.tar.gz"), 0, 'it is unpacked');
my $meta = JSON::PP->new->decode(slurp("$unpacked/$name/META.json"));
my ($control) = slurp("$top/oauth.control") =~ /^comment = '(.*)'$/m;
is_deeply([ map { ref $_ ? 1 : $_ } @$meta{qw(name version abstract license)} ], [ 'oauth', $version, $control, 'postgresql' ],
	'META.json says what oauth.control says');
is_deeply($meta->{maintainer}, ['Ann Example <ann@id.example>'], 'and who answers for it');
is(qx(grep -rlF 'maintainer\@example.com' $top/.ci), "$top/.ci/dist.sh\n", 'whose placeholder is in one place');
is($meta->{'meta-spec'}{version}, '1.0.0', 'by the specification');
ok($meta->{prereqs}{runtime}{requires}{PostgreSQL}, 'it needs PostgreSQL');
ok(exists $meta->{prereqs}{runtime}{requires}{pgcrypto}, 'and pgcrypto');
my $provides = $meta->{provides}{oauth};
ok(-s "$unpacked/$name/$provides->{file}", 'the script is there');
ok(-s "$unpacked/$name/$provides->{docfile}", 'the documents are there');
is(slurp("$unpacked/$name/$provides->{file}"), join('', map { slurp("$top/extension/$_.sql") } qw(tables views functions checks privileges)),
	'the script is the one that make assembles');
is(join(' ', grep { -e "$unpacked/$name/$_" } qw(oauth.so var dist .git shim/oauth-shim node_modules shim/t/clients/node_modules)), '', 'nothing that was built is in it');
is(qx(find $unpacked -name '*.o' -o -name '*.d'), '', 'nor a part of it');
is(qx(cd $unpacked/$name && for file in Makefile oauth.control README.md LICENSE extension shim sql expected docs .ci/packages; do test -e \$file || echo \$file; done), '',
	'all that a build needs is');

# ---- checksums and the bill of materials ----

is(system("cd $dist{one} && sha256sum --quiet -c SHA256SUMS"), 0, 'the checksums are right');
my $sbom = JSON::PP->new->decode(slurp("$dist{one}/$name.spdx.json"));
is($sbom->{spdxVersion}, 'SPDX-2.3', 'the bill of materials is SPDX');
my %ids = map { $_->{SPDXID} => 1 } $sbom, @{ $sbom->{packages} }, @{ $sbom->{files} };
is(join(' ', grep { !/^SPDXRef-[A-Za-z0-9.-]+$/ } keys %ids), '', 'its identifiers have the form of SPDX');
is(scalar keys %ids, 1 + @{ $sbom->{packages} } + @{ $sbom->{files} }, 'each is there once');
is(join(' ', grep { !$ids{$_} } map { @$_{qw(spdxElementId relatedSpdxElement)} } @{ $sbom->{relationships} }), '', 'and each that is named is there');
for my $file (@{ $sbom->{files} })
{
	my ($sha256) = map { $_->{checksumValue} } grep { $_->{algorithm} eq 'SHA256' } @{ $file->{checksums} };
	is($sha256, $one->{ $file->{fileName} =~ s{^\./}{}r }, "the checksum of $file->{fileName} is right there");
}
ok((grep { $_->{name} eq 'openssl' } @{ $sbom->{packages} }), 'it names the libraries that are used');
is($sbom->{creationInfo}{created}, '2026-09-21T14:13:20Z', 'it has the time of the source');
done_testing();
