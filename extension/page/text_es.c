/*
 * text_es.c
 *		The words of the pages in Spanish.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const OAuthLanguage oauth_language_es =
{.tag = "es",
	.texts = {
		[OAUTH_TEXT_BRAND] = "",
		[OAUTH_TEXT_LOGIN] = "Iniciar sesión",
		[OAUTH_TEXT_CONTINUE_TO] = "para continuar a {application}",
		[OAUTH_TEXT_LOG_IN] = "Iniciar sesión",
		[OAUTH_TEXT_USERNAME] = "Nombre de usuario",
		[OAUTH_TEXT_PASSWORD] = "Contraseña",
		[OAUTH_TEXT_FORGOT_PASSWORD] = "¿Ha olvidado su contraseña?",
		[OAUTH_TEXT_SIGN_UP] = "Crear una cuenta",
		[OAUTH_TEXT_HELP] = "Ayuda",
		[OAUTH_TEXT_WRONG_PASSWORD] = "El nombre de usuario o la contraseña no son correctos.",
		[OAUTH_TEXT_LOGOUT] = "Cerrar sesión",
		[OAUTH_TEXT_LOGGED_OUT] = "Ha cerrado la sesión.",
		[OAUTH_TEXT_LOGGED_IN_AS] = "Ha iniciado sesión como",
		[OAUTH_TEXT_NOT_YOU] = "¿No es usted?",
		[OAUTH_TEXT_SWITCH] = "Usar otra cuenta",
		[OAUTH_TEXT_CONSENT] = "¿Permitir el acceso?",
		[OAUTH_TEXT_WANTS] = "solicita permiso para:",
		[OAUTH_TEXT_SCOPE_READ] = "Leer sus datos",
		[OAUTH_TEXT_SCOPE_WRITE] = "Modificar sus datos",
		[OAUTH_TEXT_SCOPE_OPENID] = "Saber quién es usted",
		[OAUTH_TEXT_SCOPE_PROFILE] = "Conocer su nombre y su perfil",
		[OAUTH_TEXT_SCOPE_EMAIL] = "Conocer su correo electrónico",
		[OAUTH_TEXT_SCOPE_ADDRESS] = "Conocer su dirección postal",
		[OAUTH_TEXT_SCOPE_PHONE] = "Conocer su número de teléfono",
		[OAUTH_TEXT_SCOPE_OFFLINE] = "Continuar mientras usted no está",
		[OAUTH_TEXT_CLAIMS] = "Saber de usted",
		[OAUTH_TEXT_CLAIM_NAME] = "nombre",
		[OAUTH_TEXT_CLAIM_NICKNAME] = "apodo",
		[OAUTH_TEXT_CLAIM_USERNAME] = "nombre de usuario",
		[OAUTH_TEXT_CLAIM_PROFILE] = "página de perfil",
		[OAUTH_TEXT_CLAIM_PICTURE] = "foto",
		[OAUTH_TEXT_CLAIM_WEBSITE] = "sitio web",
		[OAUTH_TEXT_CLAIM_GENDER] = "género",
		[OAUTH_TEXT_CLAIM_BIRTHDATE] = "fecha de nacimiento",
		[OAUTH_TEXT_CLAIM_ZONEINFO] = "zona horaria",
		[OAUTH_TEXT_CLAIM_LOCALE] = "idioma",
		[OAUTH_TEXT_CLAIM_UPDATED_AT] = "fecha del último cambio",
		[OAUTH_TEXT_CLAIM_EMAIL] = "correo electrónico",
		[OAUTH_TEXT_CLAIM_ADDRESS] = "dirección postal",
		[OAUTH_TEXT_CLAIM_PHONE] = "número de teléfono",
		[OAUTH_TEXT_ABOUT] = "Acerca de esta aplicación",
		[OAUTH_TEXT_POLICY] = "Política de privacidad",
		[OAUTH_TEXT_TERMS] = "Condiciones del servicio",
		[OAUTH_TEXT_ALLOW] = "Permitir",
		[OAUTH_TEXT_DENY] = "Denegar",
		[OAUTH_TEXT_GOES_TO] = "Después volverá a",
		[OAUTH_TEXT_COMES_FROM] = "Nadie ha revisado aquí esta aplicación. Procede de",
		[OAUTH_TEXT_ON_THIS_DEVICE] = "Se ejecuta en este dispositivo. Permítalo solo si "
		"acaba de iniciarla usted.",
		[OAUTH_TEXT_GO_ON] = "Continuar",
		[OAUTH_TEXT_DENIED] = "Se ha denegado el acceso.",
		[OAUTH_TEXT_DENIED_TOLD] = "La aplicación no ha recibido nada. Puede cerrar esta página.",
		[OAUTH_TEXT_CODE] = "Un paso más",
		[OAUTH_TEXT_CODE_TOLD] = "Escriba este código en la aplicación:",
		[OAUTH_TEXT_ACCOUNT] = "Su cuenta",
		[OAUTH_TEXT_APPLICATIONS] = "Aplicaciones conectadas",
		[OAUTH_TEXT_NO_APPLICATIONS] = "Ninguna aplicación tiene acceso a su cuenta.",
		[OAUTH_TEXT_LAST_USED] = "Último token obtenido:",
		[OAUTH_TEXT_REVOKE] = "Retirar el acceso",
		[OAUTH_TEXT_REVOKED] = "Se ha retirado el acceso.",
		[OAUTH_TEXT_SESSIONS] = "Sesiones abiertas",
		[OAUTH_TEXT_THIS_BROWSER] = "Este navegador",
		[OAUTH_TEXT_UNKNOWN_BROWSER] = "Navegador desconocido",
		[OAUTH_TEXT_LOGGED_IN_AT] = "Inicio de sesión:",
		[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "Cerrar todas las sesiones",
		[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "Se ha cerrado la sesión en todos los navegadores.",
		[OAUTH_TEXT_CHANGE_PASSWORD] = "Cambiar la contraseña",
		[OAUTH_TEXT_OLD_PASSWORD] = "Contraseña actual",
		[OAUTH_TEXT_NEW_PASSWORD] = "Contraseña nueva",
		[OAUTH_TEXT_PASSWORD_CHANGED] = "Se ha cambiado la contraseña. Se ha cerrado la sesión en "
		"todas las aplicaciones y navegadores.",
		[OAUTH_TEXT_PASSWORD_REFUSED] = "Una contraseña tiene al menos 8 caracteres y como máximo "
		"72 bytes.",
		[OAUTH_TEXT_ERROR] = "No ha funcionado",
		[OAUTH_TEXT_ERROR_TOLD] = "La aplicación ha enviado una solicitud a la que no se puede "
		"responder. Vuelva a ella y empiece de "
		"nuevo.",
		[OAUTH_TEXT_STALE] = "Esta página ha estado abierta demasiado tiempo o pertenece a otra "
		"sesión. Inténtelo de nuevo.",
		[OAUTH_TEXT_NO_COOKIE] = "Su navegador no ha enviado la cookie de esta página. Permita "
		"las cookies de este sitio y continúe.",
		[OAUTH_TEXT_DEVICE] = "Conectar un dispositivo",
		[OAUTH_TEXT_DEVICE_TOLD] = "Escriba el código que muestra el dispositivo.",
		[OAUTH_TEXT_DEVICE_COMPARE] = "¿Muestra uno de sus dispositivos exactamente este código? "
		"Si no lo ha iniciado usted, cierre la "
		"página.",
		[OAUTH_TEXT_USER_CODE] = "Código del dispositivo",
		[OAUTH_TEXT_WRONG_USER_CODE] = "Ningún dispositivo espera con este código. Puede que haya "
		"caducado: empiece de nuevo en el "
		"dispositivo.",
		[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "Demasiados intentos fallidos. Espere un momento e "
		"inténtelo de nuevo.",
		[OAUTH_TEXT_DEVICE_DONE] = "El dispositivo está conectado",
		[OAUTH_TEXT_DEVICE_DONE_TOLD] = "Vuelva al dispositivo; continuará en un momento.",
		[OAUTH_TEXT_SECOND_FACTOR] = "Verificación en dos pasos",
		[OAUTH_TEXT_FACTOR_CODE] = "Código",
		[OAUTH_TEXT_FACTOR_CODE_TOLD] = "Escriba el código que muestra su aplicación de "
		"autenticación, o uno de sus códigos de recuperación.",
		[OAUTH_TEXT_WRONG_FACTOR_CODE] = "El código es incorrecto o ya se ha usado.",
		[OAUTH_TEXT_FACTOR_OFF] = "Con una aplicación de autenticación en su teléfono, la "
		"contraseña sola no basta para entrar.",
		[OAUTH_TEXT_FACTOR_ON] = "Hay una aplicación de autenticación configurada.",
		[OAUTH_TEXT_FACTOR_REQUIRED] = "Su cuenta exige la verificación en dos pasos. Configure "
		"una aplicación de autenticación.",
		[OAUTH_TEXT_FACTOR_SET_UP] = "Configurar una aplicación de autenticación",
		[OAUTH_TEXT_FACTOR_SCAN] = "Escanee esta imagen con una aplicación de autenticación, o "
		"escriba en ella la clave. Después escriba el código que muestra la aplicación.",
		[OAUTH_TEXT_FACTOR_KEY] = "Clave",
		[OAUTH_TEXT_FACTOR_CONFIRM] = "Confirmar",
		[OAUTH_TEXT_FACTOR_REMOVE] = "Quitar la aplicación de autenticación",
		[OAUTH_TEXT_FACTOR_REMOVED] = "Se ha quitado la aplicación de autenticación.",
		[OAUTH_TEXT_RECOVERY_CODES] = "Códigos de recuperación",
		[OAUTH_TEXT_RECOVERY_CODES_TOLD] = "Cada uno de estos códigos sirve una vez, cuando no "
		"tenga el teléfono a mano. Guárdelos en un lugar seguro: no se volverán a mostrar.",
		[OAUTH_TEXT_RECOVERY_CODES_LEFT] = "Códigos de recuperación restantes:",
		[OAUTH_TEXT_RECOVERY_CODES_NEW] = "Nuevos códigos de recuperación",
}};
