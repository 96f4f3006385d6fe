/*
 * text_fr.c
 *		The words of the pages in French.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const OAuthLanguage oauth_language_fr =
{.tag = "fr",
	.texts = {
		[OAUTH_TEXT_BRAND] = "",
		[OAUTH_TEXT_LOGIN] = "Se connecter",
		[OAUTH_TEXT_CONTINUE_TO] = "pour continuer vers {application}",
		[OAUTH_TEXT_LOG_IN] = "Se connecter",
		[OAUTH_TEXT_USERNAME] = "Nom d’utilisateur",
		[OAUTH_TEXT_PASSWORD] = "Mot de passe",
		[OAUTH_TEXT_FORGOT_PASSWORD] = "Mot de passe oublié\u202f?",
		[OAUTH_TEXT_SIGN_UP] = "Créer un compte",
		[OAUTH_TEXT_HELP] = "Aide",
		[OAUTH_TEXT_WRONG_PASSWORD] = "Le nom d’utilisateur ou le mot de passe est incorrect.",
		[OAUTH_TEXT_LOGOUT] = "Se déconnecter",
		[OAUTH_TEXT_LOGGED_OUT] = "Votre session est fermée.",
		[OAUTH_TEXT_LOGGED_IN_AS] = "Session ouverte en tant que",
		[OAUTH_TEXT_NOT_YOU] = "Ce n’est pas vous\u202f?",
		[OAUTH_TEXT_SWITCH] = "Utiliser un autre compte",
		[OAUTH_TEXT_CONSENT] = "Autoriser l’accès\u202f?",
		[OAUTH_TEXT_WANTS] = "demande les autorisations suivantes\u00a0:",
		[OAUTH_TEXT_SCOPE_READ] = "Lire vos données",
		[OAUTH_TEXT_SCOPE_WRITE] = "Modifier vos données",
		[OAUTH_TEXT_SCOPE_OPENID] = "Savoir qui vous êtes",
		[OAUTH_TEXT_SCOPE_PROFILE] = "Connaître votre nom et votre profil",
		[OAUTH_TEXT_SCOPE_EMAIL] = "Connaître votre adresse e-mail",
		[OAUTH_TEXT_SCOPE_ADDRESS] = "Connaître votre adresse postale",
		[OAUTH_TEXT_SCOPE_PHONE] = "Connaître votre numéro de téléphone",
		[OAUTH_TEXT_SCOPE_OFFLINE] = "Continuer en votre absence",
		[OAUTH_TEXT_CLAIMS] = "Savoir de vous",
		[OAUTH_TEXT_CLAIM_NAME] = "nom",
		[OAUTH_TEXT_CLAIM_NICKNAME] = "surnom",
		[OAUTH_TEXT_CLAIM_USERNAME] = "nom d’utilisateur",
		[OAUTH_TEXT_CLAIM_PROFILE] = "page de profil",
		[OAUTH_TEXT_CLAIM_PICTURE] = "photo",
		[OAUTH_TEXT_CLAIM_WEBSITE] = "site web",
		[OAUTH_TEXT_CLAIM_GENDER] = "genre",
		[OAUTH_TEXT_CLAIM_BIRTHDATE] = "date de naissance",
		[OAUTH_TEXT_CLAIM_ZONEINFO] = "fuseau horaire",
		[OAUTH_TEXT_CLAIM_LOCALE] = "langue",
		[OAUTH_TEXT_CLAIM_UPDATED_AT] = "date de la dernière modification",
		[OAUTH_TEXT_CLAIM_EMAIL] = "adresse e-mail",
		[OAUTH_TEXT_CLAIM_ADDRESS] = "adresse postale",
		[OAUTH_TEXT_CLAIM_PHONE] = "numéro de téléphone",
		[OAUTH_TEXT_ABOUT] = "À propos de l’application",
		[OAUTH_TEXT_POLICY] = "Politique de confidentialité",
		[OAUTH_TEXT_TERMS] = "Conditions d’utilisation",
		[OAUTH_TEXT_ALLOW] = "Autoriser",
		[OAUTH_TEXT_DENY] = "Refuser",
		[OAUTH_TEXT_GOES_TO] = "Vous retournerez ensuite vers",
		[OAUTH_TEXT_COMES_FROM] = "Personne ici n’a vérifié cette application. Elle vient de",
		[OAUTH_TEXT_ON_THIS_DEVICE] = "Elle s’exécute sur cet appareil. N’autorisez l’accès "
		"que si vous venez de la lancer vous-même.",
		[OAUTH_TEXT_GO_ON] = "Continuer",
		[OAUTH_TEXT_DENIED] = "L’accès a été refusé.",
		[OAUTH_TEXT_DENIED_TOLD] = "L’application n’a rien reçu. Vous pouvez fermer cette page.",
		[OAUTH_TEXT_CODE] = "Encore une étape",
		[OAUTH_TEXT_CODE_TOLD] = "Saisissez ce code dans l’application\u00a0:",
		[OAUTH_TEXT_ACCOUNT] = "Votre compte",
		[OAUTH_TEXT_APPLICATIONS] = "Applications connectées",
		[OAUTH_TEXT_NO_APPLICATIONS] = "Aucune application n’a accès à votre compte.",
		[OAUTH_TEXT_LAST_USED] = "Dernier jeton obtenu\u00a0:",
		[OAUTH_TEXT_REVOKE] = "Retirer l’accès",
		[OAUTH_TEXT_REVOKED] = "L’accès a été retiré.",
		[OAUTH_TEXT_SESSIONS] = "Vos sessions ouvertes",
		[OAUTH_TEXT_THIS_BROWSER] = "Ce navigateur",
		[OAUTH_TEXT_UNKNOWN_BROWSER] = "Navigateur inconnu",
		[OAUTH_TEXT_LOGGED_IN_AT] = "Connexion\u00a0:",
		[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "Se déconnecter partout",
		[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "Toutes vos sessions sont fermées.",
		[OAUTH_TEXT_CHANGE_PASSWORD] = "Changer le mot de passe",
		[OAUTH_TEXT_OLD_PASSWORD] = "Mot de passe actuel",
		[OAUTH_TEXT_NEW_PASSWORD] = "Nouveau mot de passe",
		[OAUTH_TEXT_PASSWORD_CHANGED] = "Le mot de passe a été changé. Toutes les applications et "
		"tous les navigateurs sont déconnectés.",
		[OAUTH_TEXT_PASSWORD_REFUSED] = "Un mot de passe compte au moins 8 caractères, et 72 "
		"octets au plus.",
		[OAUTH_TEXT_ERROR] = "Cela n’a pas fonctionné",
		[OAUTH_TEXT_ERROR_TOLD] = "L’application a envoyé une demande à laquelle il est "
		"impossible de répondre. Retournez-y et "
		"recommencez.",
		[OAUTH_TEXT_STALE] = "Cette page est restée ouverte trop longtemps, ou appartient à une "
		"autre session. Veuillez réessayer.",
		[OAUTH_TEXT_NO_COOKIE] = "Votre navigateur n’a pas envoyé le cookie de cette page. "
		"Autorisez les cookies pour ce site, puis "
		"continuez.",
		[OAUTH_TEXT_DEVICE] = "Connecter un appareil",
		[OAUTH_TEXT_DEVICE_TOLD] = "Saisissez le code que l’appareil affiche.",
		[OAUTH_TEXT_DEVICE_COMPARE] = "L’un de vos appareils affiche-t-il exactement ce "
		"code\u202f? Si vous n’avez rien demandé vous-même, "
		"fermez la page.",
		[OAUTH_TEXT_USER_CODE] = "Code affiché par l’appareil",
		[OAUTH_TEXT_WRONG_USER_CODE] = "Aucun appareil n’attend avec ce code. Il a peut-être "
		"expiré\u00a0: recommencez sur l’appareil.",
		[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "Trop de tentatives échouées. Patientez un moment, puis "
		"réessayez.",
		[OAUTH_TEXT_DEVICE_DONE] = "L’appareil est connecté",
		[OAUTH_TEXT_DEVICE_DONE_TOLD] = "Retournez à l’appareil\u202f; il poursuit dans un "
		"instant.",
		[OAUTH_TEXT_SECOND_FACTOR] = "Validation en deux étapes",
		[OAUTH_TEXT_FACTOR_CODE] = "Code à usage unique",
		[OAUTH_TEXT_FACTOR_CODE_TOLD] = "Saisissez le code affiché par votre application "
		"d’authentification, ou l’un de vos codes de secours.",
		[OAUTH_TEXT_WRONG_FACTOR_CODE] = "Le code est incorrect ou a déjà servi.",
		[OAUTH_TEXT_FACTOR_OFF] = "Avec une application d’authentification sur votre téléphone, "
		"le mot de passe seul ne suffit plus pour entrer.",
		[OAUTH_TEXT_FACTOR_ON] = "Une application d’authentification est configurée.",
		[OAUTH_TEXT_FACTOR_REQUIRED] = "Votre compte exige la validation en deux étapes. Veuillez "
		"configurer une application d’authentification.",
		[OAUTH_TEXT_FACTOR_SET_UP] = "Configurer une application d’authentification",
		[OAUTH_TEXT_FACTOR_SCAN] = "Scannez cette image avec une application d’authentification, "
		"ou saisissez-y la clé. Saisissez ensuite le code affiché par l’application.",
		[OAUTH_TEXT_FACTOR_KEY] = "Clé",
		[OAUTH_TEXT_FACTOR_CONFIRM] = "Confirmer",
		[OAUTH_TEXT_FACTOR_REMOVE] = "Retirer l’application d’authentification",
		[OAUTH_TEXT_FACTOR_REMOVED] = "L’application d’authentification a été retirée.",
		[OAUTH_TEXT_RECOVERY_CODES] = "Codes de secours",
		[OAUTH_TEXT_RECOVERY_CODES_TOLD] = "Chacun de ces codes fonctionne une fois, lorsque vous "
		"n’avez pas votre téléphone. Conservez-les en lieu sûr\u00a0: ils ne seront plus affichés.",
		[OAUTH_TEXT_RECOVERY_CODES_LEFT] = "Codes de secours restants\u00a0:",
		[OAUTH_TEXT_RECOVERY_CODES_NEW] = "Nouveaux codes de secours",
}};
