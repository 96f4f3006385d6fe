/*
 * text_pt.c
 *		The words of the pages in Portuguese.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const OAuthLanguage oauth_language_pt =
{.tag = "pt",
	.texts = {
		[OAUTH_TEXT_BRAND] = "",
		[OAUTH_TEXT_LOGIN] = "Iniciar sessão",
		[OAUTH_TEXT_CONTINUE_TO] = "para continuar em {application}",
		[OAUTH_TEXT_LOG_IN] = "Iniciar sessão",
		[OAUTH_TEXT_USERNAME] = "Nome de usuário",
		[OAUTH_TEXT_PASSWORD] = "Senha",
		[OAUTH_TEXT_FORGOT_PASSWORD] = "Esqueceu a senha?",
		[OAUTH_TEXT_SIGN_UP] = "Criar uma conta",
		[OAUTH_TEXT_HELP] = "Ajuda",
		[OAUTH_TEXT_WRONG_PASSWORD] = "O nome de usuário ou a senha não está correto.",
		[OAUTH_TEXT_LOGOUT] = "Sair",
		[OAUTH_TEXT_LOGGED_OUT] = "A sessão foi encerrada.",
		[OAUTH_TEXT_LOGGED_IN_AS] = "Sessão iniciada como",
		[OAUTH_TEXT_NOT_YOU] = "Não é você?",
		[OAUTH_TEXT_SWITCH] = "Usar outra conta",
		[OAUTH_TEXT_CONSENT] = "Permitir o acesso?",
		[OAUTH_TEXT_WANTS] = "pede permissão para:",
		[OAUTH_TEXT_SCOPE_READ] = "Ler seus dados",
		[OAUTH_TEXT_SCOPE_WRITE] = "Alterar seus dados",
		[OAUTH_TEXT_SCOPE_OPENID] = "Saber quem você é",
		[OAUTH_TEXT_SCOPE_PROFILE] = "Conhecer seu nome e seu perfil",
		[OAUTH_TEXT_SCOPE_EMAIL] = "Conhecer seu endereço de e-mail",
		[OAUTH_TEXT_SCOPE_ADDRESS] = "Conhecer seu endereço postal",
		[OAUTH_TEXT_SCOPE_PHONE] = "Conhecer seu número de telefone",
		[OAUTH_TEXT_SCOPE_OFFLINE] = "Continuar enquanto você estiver ausente",
		[OAUTH_TEXT_CLAIMS] = "Saber sobre você",
		[OAUTH_TEXT_CLAIM_NAME] = "nome",
		[OAUTH_TEXT_CLAIM_NICKNAME] = "apelido",
		[OAUTH_TEXT_CLAIM_USERNAME] = "nome de usuário",
		[OAUTH_TEXT_CLAIM_PROFILE] = "página do perfil",
		[OAUTH_TEXT_CLAIM_PICTURE] = "foto",
		[OAUTH_TEXT_CLAIM_WEBSITE] = "site",
		[OAUTH_TEXT_CLAIM_GENDER] = "gênero",
		[OAUTH_TEXT_CLAIM_BIRTHDATE] = "data de nascimento",
		[OAUTH_TEXT_CLAIM_ZONEINFO] = "fuso horário",
		[OAUTH_TEXT_CLAIM_LOCALE] = "idioma",
		[OAUTH_TEXT_CLAIM_UPDATED_AT] = "data da última alteração",
		[OAUTH_TEXT_CLAIM_EMAIL] = "endereço de e-mail",
		[OAUTH_TEXT_CLAIM_ADDRESS] = "endereço postal",
		[OAUTH_TEXT_CLAIM_PHONE] = "número de telefone",
		[OAUTH_TEXT_ABOUT] = "Sobre este aplicativo",
		[OAUTH_TEXT_POLICY] = "Política de privacidade",
		[OAUTH_TEXT_TERMS] = "Termos de serviço",
		[OAUTH_TEXT_ALLOW] = "Permitir",
		[OAUTH_TEXT_DENY] = "Recusar",
		[OAUTH_TEXT_GOES_TO] = "Depois você voltará para",
		[OAUTH_TEXT_COMES_FROM] = "Ninguém aqui verificou este aplicativo. Ele vem de",
		[OAUTH_TEXT_ON_THIS_DEVICE] = "Ele é executado neste dispositivo. Permita somente se "
		"você acabou de iniciá-lo.",
		[OAUTH_TEXT_GO_ON] = "Continuar",
		[OAUTH_TEXT_DENIED] = "O acesso foi recusado.",
		[OAUTH_TEXT_DENIED_TOLD] = "O aplicativo não recebeu nada. Você pode fechar esta página.",
		[OAUTH_TEXT_CODE] = "Mais um passo",
		[OAUTH_TEXT_CODE_TOLD] = "Digite este código no aplicativo:",
		[OAUTH_TEXT_ACCOUNT] = "Sua conta",
		[OAUTH_TEXT_APPLICATIONS] = "Aplicativos conectados",
		[OAUTH_TEXT_NO_APPLICATIONS] = "Nenhum aplicativo tem acesso à sua conta.",
		[OAUTH_TEXT_LAST_USED] = "Último token obtido:",
		[OAUTH_TEXT_REVOKE] = "Remover o acesso",
		[OAUTH_TEXT_REVOKED] = "O acesso foi removido.",
		[OAUTH_TEXT_SESSIONS] = "Sessões abertas",
		[OAUTH_TEXT_THIS_BROWSER] = "Este navegador",
		[OAUTH_TEXT_UNKNOWN_BROWSER] = "Navegador desconhecido",
		[OAUTH_TEXT_LOGGED_IN_AT] = "Início da sessão:",
		[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "Sair de todos os navegadores",
		[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "A sessão foi encerrada em todos os navegadores.",
		[OAUTH_TEXT_CHANGE_PASSWORD] = "Alterar a senha",
		[OAUTH_TEXT_OLD_PASSWORD] = "Senha atual",
		[OAUTH_TEXT_NEW_PASSWORD] = "Nova senha",
		[OAUTH_TEXT_PASSWORD_CHANGED] = "A senha foi alterada. As sessões de todos os aplicativos "
		"e navegadores foram encerradas.",
		[OAUTH_TEXT_PASSWORD_REFUSED] = "Uma senha tem pelo menos 8 caracteres e no máximo 72 "
		"bytes.",
		[OAUTH_TEXT_ERROR] = "Não funcionou",
		[OAUTH_TEXT_ERROR_TOLD] = "O aplicativo enviou um pedido que não pode ser respondido. "
		"Volte a ele e comece de novo.",
		[OAUTH_TEXT_STALE] = "Esta página ficou aberta por muito tempo ou pertence a outra "
		"sessão. Tente de novo.",
		[OAUTH_TEXT_NO_COOKIE] = "O seu navegador não enviou o cookie desta página. Permita os "
		"cookies deste site e continue.",
		[OAUTH_TEXT_DEVICE] = "Conectar um dispositivo",
		[OAUTH_TEXT_DEVICE_TOLD] = "Digite o código que o dispositivo mostra.",
		[OAUTH_TEXT_DEVICE_COMPARE] = "Um dos seus dispositivos mostra exatamente este código? Se "
		"não foi você que começou, feche a página.",
		[OAUTH_TEXT_USER_CODE] = "Código no dispositivo",
		[OAUTH_TEXT_WRONG_USER_CODE] = "Nenhum dispositivo espera com este código. Ele pode ter "
		"expirado: comece de novo no dispositivo.",
		[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "Muitas tentativas sem sucesso. Aguarde um pouco e tente "
		"de novo.",
		[OAUTH_TEXT_DEVICE_DONE] = "O dispositivo está conectado",
		[OAUTH_TEXT_DEVICE_DONE_TOLD] = "Volte ao dispositivo; ele continuará em instantes.",
		[OAUTH_TEXT_SECOND_FACTOR] = "Verificação em duas etapas",
		[OAUTH_TEXT_FACTOR_CODE] = "Código",
		[OAUTH_TEXT_FACTOR_CODE_TOLD] = "Digite o código mostrado pelo seu aplicativo "
		"autenticador, ou um dos seus códigos de recuperação.",
		[OAUTH_TEXT_WRONG_FACTOR_CODE] = "O código está errado ou já foi usado.",
		[OAUTH_TEXT_FACTOR_OFF] = "Com um aplicativo autenticador no seu telefone, só a senha não "
		"basta para entrar.",
		[OAUTH_TEXT_FACTOR_ON] = "Um aplicativo autenticador está configurado.",
		[OAUTH_TEXT_FACTOR_REQUIRED] = "Sua conta exige a verificação em duas etapas. Configure "
		"um aplicativo autenticador.",
		[OAUTH_TEXT_FACTOR_SET_UP] = "Configurar um aplicativo autenticador",
		[OAUTH_TEXT_FACTOR_SCAN] = "Leia esta imagem com um aplicativo autenticador, ou digite "
		"nele a chave. Depois digite o código mostrado pelo aplicativo.",
		[OAUTH_TEXT_FACTOR_KEY] = "Chave",
		[OAUTH_TEXT_FACTOR_CONFIRM] = "Confirmar",
		[OAUTH_TEXT_FACTOR_REMOVE] = "Remover o aplicativo autenticador",
		[OAUTH_TEXT_FACTOR_REMOVED] = "O aplicativo autenticador foi removido.",
		[OAUTH_TEXT_RECOVERY_CODES] = "Códigos de recuperação",
		[OAUTH_TEXT_RECOVERY_CODES_TOLD] = "Cada um destes códigos vale uma vez, quando o seu "
		"telefone não estiver à mão. Guarde-os em um lugar seguro: eles não serão mostrados de "
		"novo.",
		[OAUTH_TEXT_RECOVERY_CODES_LEFT] = "Códigos de recuperação restantes:",
		[OAUTH_TEXT_RECOVERY_CODES_NEW] = "Novos códigos de recuperação",
}};
