# LoggedIn.pm
# A browser in which somebody is logged in, who allows what she is asked.
#
#     my $alice = LoggedIn->new($t, 'alice', 'wonderland');
#     my $code = $alice->code($client_id, 'openid read', nonce => 'n');
#
# SPDX-License-Identifier: PostgreSQL
package LoggedIn;

use strict;
use warnings;

use Exporter qw(import);
use ShimTest qw(header);

our @EXPORT_OK = qw(form);

sub _encode { return $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }
sub _field { return $_[0]{body} =~ /name="$_[1]" value="([^"]*)"/ ? $1 =~ s/&amp;/&/gr : '' }

# Name and value of each, as a form.
sub form
{
	my (%fields) = @_;
	return join('&', map { "$_=" . _encode($fields{$_}) } sort keys %fields);
}

sub new
{
	my ($class, $t, $username, $password) = @_;
	my $self = bless { t => $t, cookies => {} }, $class;
	my $page = $self->_see($t->get('/login'));

	$self->_send_form('/login', token => _field($page, 'token'), username => $username, password => $password);
	return $self;
}

# Keeps the cookies of an answer.
sub _see
{
	my ($self, $answer) = @_;
	for (header($answer, 'Set-Cookie'))
	{
		$self->{cookies}{$1} = $2 if /\A([^=]+)=([^;]*)/;
	}
	return $answer;
}

sub cookies
{
	my ($self) = @_;
	return join('; ', map { "$_=$self->{cookies}{$_}" } sort keys %{ $self->{cookies} });
}

sub _send_form
{
	my ($self, $path, %fields) = @_;
	return $self->_see($self->{t}->post($path, form(%fields), Cookie => $self->cookies));
}

# The code that a client gets for these scopes; dies if it gets none.
sub code
{
	my ($self, $client_id, $scope, %more) = @_;
	my $query = form(response_type => 'code', client_id => $client_id, scope => $scope, %more);
	my $page = $self->_see($self->{t}->get("/oauth2/authorize?$query", Cookie => $self->cookies));

	$page = $self->_send_form('/oauth2/authorize/confirm', request => _field($page, 'request'), token => _field($page, 'token'), decision => 'approve')
		if $page->{status} == 200;
	return (header($page, 'Location') // '') =~ /[?&]code=([^&]+)/ ? $1 : die "no code: $page->{raw}";
}

1;
