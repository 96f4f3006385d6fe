/*
 * distinguished_name.c
 *		Distinguished names as strings: RFC 4514, section 3.
 *
 *	distinguishedName = [ relativeDistinguishedName *( COMMA relativeDistinguishedName ) ]
 *	relativeDistinguishedName = attributeTypeAndValue *( PLUS attributeTypeAndValue )
 *	attributeTypeAndValue = attributeType EQUALS attributeValue
 *
 * "the last RDN of the RDNSequence" comes first (section 2.1).  As RFC 2253 allowed and people
 * write, spaces may stand around commas and equals signs.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "lib/stringinfo.h"

#define MAX_NAME	1024		/* bytes */
#define MAX_TYPE	64

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = pg_ascii_tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Two hexadecimal digits; -1 if they are none. */
static int
hex_byte(const char *pair)
{
	int			high = hex_digit(pair[0]);
	int			low = high < 0 ? -1 : hex_digit(pair[1]);

	return low < 0 ? -1 : high * 16 + low;
}

/*
 * pair = ESC ( ESC / special / hexpair ): appends it; NULL if it is none, else where it ends.
 */
static const char *
read_pair(const char *c, StringInfo value)
{
	static const char special[] = "\\\"+,;<>= #";
	int			byte = hex_byte(c + 1);

	if (byte > 0)
	{
		appendStringInfoChar(value, (char) byte);
		return c + 3;
	}
	if (c[1] == '\0' || strchr(special, c[1]) == NULL)
		return NULL;
	appendStringInfoChar(value, c[1]);
	return c + 2;
}

/*
 * A string up to a comma or a plus that is not escaped.  Spaces that are not escaped do not count
 * at its ends.  NULL if it is malformed.
 */
static const char *
read_string(const char *c, StringInfo value)
{
	int			kept = 0;

	while (*c != '\0' && *c != ',' && *c != '+')
	{
		bool		is_escaped = *c == '\\';

		if (strchr("\";<>", *c) != NULL)
			return NULL;
		if (is_escaped && (c = read_pair(c, value)) == NULL)
			return NULL;
		if (!is_escaped)
			appendStringInfoChar(value, *c++);
		if (is_escaped || c[-1] != ' ')
			kept = value->len;
	}
	value->len = kept;
	value->data[kept] = '\0';
	return value->len > 0 ? c : NULL;
}

/* hexstring = SHARP 1*hexpair: the BER of a value, which has to be a string. */
static const char *
read_hexstring(const char *c, X509_NAME * name, const ASN1_OBJECT * type, int set)
{
	StringInfoData ber;
	const unsigned char *end;
	ASN1_TYPE  *value;
	bool		is_added;

	initStringInfo(&ber);
	for (c++; hex_byte(c) >= 0; c += 2)
		appendStringInfoChar(&ber, (char) hex_byte(c));
	c += strspn(c, " ");
	end = (unsigned char *) ber.data;
	value = d2i_ASN1_TYPE(NULL, &end, ber.len);
	is_added = value != NULL && end == (unsigned char *) ber.data + ber.len &&
		(ASN1_tag2bit(value->type) & (B_ASN1_DIRECTORYSTRING)) != 0 &&
		X509_NAME_add_entry_by_OBJ(name, type, value->type,
								   ASN1_STRING_get0_data(value->value.asn1_string),
								   ASN1_STRING_length(value->value.asn1_string), 0, set) == 1;
	ASN1_TYPE_free(value);
	return is_added && (*c == '\0' || *c == ',' || *c == '+') ? c : NULL;
}

static const char *
read_value(const char *c, X509_NAME * name, const ASN1_OBJECT * type, int set)
{
	StringInfoData value;

	if (*c == '#')
		return read_hexstring(c, name, type, set);
	initStringInfo(&value);
	c = read_string(c, &value);
	return c != NULL &&
		X509_NAME_add_entry_by_OBJ(name, type, MBSTRING_UTF8, (unsigned char *) value.data,
								   value.len, 0, set) == 1 ? c : NULL;
}

/* What OpenSSL calls otherwise: "Attribute type names are case insensitive" (section 3). */
static const struct
{
	const char *name;
	int			nid;
}			other_names[] =
{
	{"C", NID_countryName}, {"CN", NID_commonName}, {"DC", NID_domainComponent},
	{"E", NID_pkcs9_emailAddress}, {"emailAddress", NID_pkcs9_emailAddress},
	{"L", NID_localityName}, {"O", NID_organizationName}, {"OU", NID_organizationalUnitName},
	{"organizationIdentifier", NID_organizationIdentifier}, {"serialNumber", NID_serialNumber},
	{"ST", NID_stateOrProvinceName}, {"STREET", NID_streetAddress}, {"UID", NID_userId},
};

/* attributeType = descr / numericoid; NULL if it is not known. */
static ASN1_OBJECT *
read_type(const char *c, size_t length)
{
	char	   *type;

	while (length > 0 && c[length - 1] == ' ')
		length--;
	if (length == 0 || length > MAX_TYPE)
		return NULL;
	type = pnstrdup(c, length);
	for (size_t i = 0; i < lengthof(other_names); i++)
		if (pg_strcasecmp(type, other_names[i].name) == 0)
			return OBJ_nid2obj(other_names[i].nid);
	return OBJ_txt2obj(type, 0);
}

/* attributeTypeAndValue; set 1: it belongs to the one before.  NULL, or where it ends. */
static const char *
read_attribute(const char *c, X509_NAME * name, int set)
{
	size_t		length;
	ASN1_OBJECT *type;

	c += strspn(c, " ");
	length = strcspn(c, "=,+");
	type = c[length] == '=' ? read_type(c, length) : NULL;
	if (type == NULL)
		return NULL;
	c += length + 1;
	c = read_value(c + strspn(c, " "), name, type, set);
	ASN1_OBJECT_free(type);
	return c;
}

/* The name, to be freed by the caller; NULL if the string is none. */
X509_NAME *
oauth_distinguished_name(const char *string)
{
	X509_NAME  *name = X509_NAME_new();
	const char *c = string;
	int			set = 0;

	while (name != NULL && strlen(string) <= MAX_NAME &&
		   (c = read_attribute(c, name, set)) != NULL)
	{
		if (*c == '\0')
		{
			ERR_clear_error();
			return name;
		}
		set = *c++ == '+' ? 1 : 0;
	}
	X509_NAME_free(name);
	ERR_clear_error();
	return NULL;
}

bool
oauth_is_distinguished_name(const char *string)
{
	X509_NAME  *name = oauth_distinguished_name(string);

	X509_NAME_free(name);
	return name != NULL;
}
