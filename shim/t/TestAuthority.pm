# TestAuthority.pm
# Certificates by an authority of a test's own, and by a stranger whom nobody trusts.
#
#     my $authority = TestAuthority->new(dir => $t->dir);
#     $authority->certificate('server', 'ca', 'DNS:db.example.com');     # server.pem and server.key in that directory
#     $authority->authority                                              # the file that a client trusts
#
# SPDX-License-Identifier: PostgreSQL
package TestAuthority;

use strict;
use warnings;

sub new
{
	my ($class, %args) = @_;
	my $self = bless { dir => $args{dir} }, $class;

	for my $name ('ca', 'stranger')
	{
		_run("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Test authority' -addext basicConstraints=critical,CA:TRUE "
			  . "-keyout $self->{dir}/$name.key -out $self->{dir}/$name.pem");
	}
	return $self;
}

sub _run { return system("$_[0] >/dev/null 2>&1") == 0 || die "failed: $_[0]" }

sub authority { return "$_[0]{dir}/ca.pem" }

# A certificate for these names ('DNS:a.example', 'IP:127.0.0.1'), by the authority 'ca', or 'stranger'.
sub certificate
{
	my ($self, $name, $authority, @names) = @_;
	my $file = "$self->{dir}/$name";
	my $by = "$self->{dir}/$authority";
	my $names = join ',', @names;

	_run("openssl req -newkey rsa:2048 -nodes -subj '/CN=$name' -keyout $file.key -out $file.csr");
	open(my $extensions, '>', "$file.ext") or die;
	print $extensions "subjectAltName=$names\n";
	close $extensions;
	_run("openssl x509 -req -in $file.csr -CA $by.pem -CAkey $by.key -CAcreateserial -days 2 "
		  . "-extfile $file.ext -out $file.pem");
	return;
}

# The same certificate, but by nobody, or good until now.
sub certificate_by_itself { my ($self, $name) = @_; return _run("openssl x509 -req -in $self->{dir}/$name.csr -signkey $self->{dir}/$name.key -days 2 -extfile $self->{dir}/$name.ext -out $self->{dir}/$name.pem") }

sub certificate_until_now
{
	my ($self, $name, $authority) = @_;
	my $by = "$self->{dir}/$authority";

	_run("openssl x509 -req -in $self->{dir}/$name.csr -CA $by.pem -CAkey $by.key -CAcreateserial -days 0 -extfile $self->{dir}/$name.ext -out $self->{dir}/$name.pem");
	return;
}

1;
