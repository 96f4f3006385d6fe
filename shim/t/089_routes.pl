# 089_routes.pl
# The routes of the shim and the records of the extension say the same of every path: which function answers, which methods
# it takes, and on which lane it is asked first. Reads shim/routes.c, oauth.routes(), oauth_explain_request() and asks the
# endpoint itself; starts no shim.  R22, R105.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(slurp);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @methods = qw(GET HEAD POST PUT PATCH DELETE OPTIONS);
my $t = ShimTest->new(extension => 1);
my $node = $t->node;
my ($table) = slurp("$FindBin::RealBin/../routes.c") =~ /^static const ShimRoute routes\[\] = \{\n(.*?)^\};/ms;
my %of_shim;
for ($table =~ /^\t\{(".*?)\},$/msg)
{
	my ($path, $below, $methods, $function, $lane) = /^"([^"]+)", (true|false), ([A-Z_| ]+),\s+(?:"(\w+)"|NULL), SHIM_(\w+),/
	  or die "a route that this test cannot read: $_\n";
	next if !defined $function;
	my %takes = map { s/SHIM_//r => 1 } split / \| /, $methods;
	%takes = map { $_ => 1 } @methods if $takes{ANY};
	$takes{HEAD} = 1 if $takes{GET};
	$of_shim{$path} = { below => $below eq 'true', function => $function, takes => \%takes, lane => lc $lane };
}
cmp_ok(scalar keys %of_shim, '>=', 20, 'shim/routes.c has routes');

# What oauth.routes() says, with a path and what is below it as one, as the shim has them.
my %of_records;
for (split /\n/, $node->safe_psql('postgres', "SELECT path, coalesce(methods, 'ANY'), function, lane FROM oauth.routes()"))
{
	my ($path, $methods, $function, $lane) = split /\|/;
	my $below = $path =~ s{(?<=.)/$}{};
	my $route = $of_records{$path} //= { below => '', function => $function, takes => {}, lane => $lane };
	is("$function, $lane", "$route->{function}, $route->{lane}", "$path/: what is below is answered alike");
	$route->{below} ||= $below;
	$route->{takes}{$_} = 1 for $methods eq 'ANY' ? @methods : split /, /, $methods;
}
is_deeply([ sort keys %of_records ], [ sort keys %of_shim ], 'the shim and the extension have the same paths');
is_deeply($of_records{$_}, $of_shim{$_}, "$_: the shim and the extension say the same of it") for sort keys %of_shim;
isnt($of_records{$_}{lane}, 'any', "$_: its record names a lane") for sort keys %of_records;

# What the extension says of a method at a path: the function, and whether it takes the method.
sub of_extension
{
	my ($method, $path) = @_;
	my ($detail, $ok) = split /\|/, $node->safe_psql('postgres',
		"SELECT detail, ok FROM oauth_explain_request('$method', '$path') WHERE step = 1 AND \"check\" IN ('path', 'path and method')");
	return $detail =~ /is answered by oauth\.(\w+)\(\)/ ? ($1, $ok eq 't') : ();
}

# An endpoint may answer OPTIONS to scripts, which nobody has to explain.
sub status_of
{
	my ($method, $path, $function) = @_;
	return $node->safe_psql('postgres', "SET oauth.issuer = 'https://id.example.com'; SET oauth.registration = open;"
			. "SELECT (oauth.$function(ROW('$method', '$path', NULL, NULL, 'https', '127.0.0.1'))).status");
}

for my $path (sort keys %of_shim)
{
	my $route = $of_shim{$path};
	my @paths = ($path, $route->{below} ? "$path/x" : ());
	my (%explained, %answered, %functions);
	for my $method (@methods)
	{
		for my $each (@paths)
		{
			my ($function, $is_taken) = of_extension($method, $each);
			$functions{ $function // 'nobody' } = 1;
			$explained{$method} = 1 if $is_taken;
			$answered{$method} = 1 if status_of($method, $each, $route->{function}) != 405;
		}
	}
	is(join(' ', sort keys %functions), $route->{function}, "$path: the extension knows the function");
	is_deeply([ sort keys %answered ], [ sort keys %{ $route->{takes} } ], "$path: the endpoint takes the methods that the shim lets through");
	delete $answered{OPTIONS} if !$explained{OPTIONS};
	is_deeply([ sort keys %explained ], [ sort keys %answered ], "$path: oauth_explain_request knows them");
	is(scalar(() = of_extension('GET', "$path/x")), 0, "$path: nothing is below it") if !$route->{below} && !$of_shim{"$path/x"};
}

my ($remedy) = $node->safe_psql('postgres', q{SELECT remedy FROM oauth_explain_request('GET', '/nowhere')}) =~ /^there are (.*)$/;
is_deeply([ sort split /, /, $remedy ], [ sort keys %of_shim ], 'the extension explains no path that the shim lacks, and lacks none');

$node->stop('fast');
done_testing();
