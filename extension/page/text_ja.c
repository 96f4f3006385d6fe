/*
 * text_ja.c
 *		The words of the pages in Japanese.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const OAuthLanguage oauth_language_ja =
{.tag = "ja",
	.texts = {
		[OAUTH_TEXT_BRAND] = "",
		[OAUTH_TEXT_LOGIN] = "ログイン",
		[OAUTH_TEXT_CONTINUE_TO] = "{application} に進みます",
		[OAUTH_TEXT_LOG_IN] = "ログイン",
		[OAUTH_TEXT_USERNAME] = "ユーザー名",
		[OAUTH_TEXT_PASSWORD] = "パスワード",
		[OAUTH_TEXT_FORGOT_PASSWORD] = "パスワードをお忘れですか？",
		[OAUTH_TEXT_SIGN_UP] = "アカウントを作成",
		[OAUTH_TEXT_HELP] = "ヘルプ",
		[OAUTH_TEXT_WRONG_PASSWORD] = "ユーザー名またはパスワードが正しくありません。",
		[OAUTH_TEXT_LOGOUT] = "ログアウト",
		[OAUTH_TEXT_LOGGED_OUT] = "ログアウトしました。",
		[OAUTH_TEXT_LOGGED_IN_AS] = "ログイン中のユーザー：",
		[OAUTH_TEXT_NOT_YOU] = "別の方ですか？",
		[OAUTH_TEXT_SWITCH] = "別のアカウントを使用",
		[OAUTH_TEXT_CONSENT] = "アクセスを許可しますか？",
		[OAUTH_TEXT_WANTS] = "が次の許可を求めています：",
		[OAUTH_TEXT_SCOPE_READ] = "データの読み取り",
		[OAUTH_TEXT_SCOPE_WRITE] = "データの変更",
		[OAUTH_TEXT_SCOPE_OPENID] = "本人確認情報の参照",
		[OAUTH_TEXT_SCOPE_PROFILE] = "氏名とプロフィールの参照",
		[OAUTH_TEXT_SCOPE_EMAIL] = "メールアドレスの参照",
		[OAUTH_TEXT_SCOPE_ADDRESS] = "住所の参照",
		[OAUTH_TEXT_SCOPE_PHONE] = "電話番号の参照",
		[OAUTH_TEXT_SCOPE_OFFLINE] = "不在時の継続的なアクセス",
		[OAUTH_TEXT_CLAIMS] = "次の情報の参照",
		[OAUTH_TEXT_CLAIM_NAME] = "氏名",
		[OAUTH_TEXT_CLAIM_NICKNAME] = "ニックネーム",
		[OAUTH_TEXT_CLAIM_USERNAME] = "ユーザー名",
		[OAUTH_TEXT_CLAIM_PROFILE] = "プロフィールページ",
		[OAUTH_TEXT_CLAIM_PICTURE] = "写真",
		[OAUTH_TEXT_CLAIM_WEBSITE] = "ウェブサイト",
		[OAUTH_TEXT_CLAIM_GENDER] = "性別",
		[OAUTH_TEXT_CLAIM_BIRTHDATE] = "生年月日",
		[OAUTH_TEXT_CLAIM_ZONEINFO] = "タイムゾーン",
		[OAUTH_TEXT_CLAIM_LOCALE] = "言語",
		[OAUTH_TEXT_CLAIM_UPDATED_AT] = "最終更新日時",
		[OAUTH_TEXT_CLAIM_EMAIL] = "メールアドレス",
		[OAUTH_TEXT_CLAIM_ADDRESS] = "住所",
		[OAUTH_TEXT_CLAIM_PHONE] = "電話番号",
		[OAUTH_TEXT_ABOUT] = "このアプリケーションについて",
		[OAUTH_TEXT_POLICY] = "プライバシーポリシー",
		[OAUTH_TEXT_TERMS] = "利用規約",
		[OAUTH_TEXT_ALLOW] = "許可",
		[OAUTH_TEXT_DENY] = "拒否",
		[OAUTH_TEXT_GOES_TO] = "この後、次の場所に戻ります：",
		[OAUTH_TEXT_COMES_FROM] = "このアプリケーションは、ここでは誰も確認していません。提供元：",
		[OAUTH_TEXT_ON_THIS_DEVICE] = "このデバイスで動作しています。たった今ご自分で起動した場合にのみ許可してください。",
		[OAUTH_TEXT_GO_ON] = "続行",
		[OAUTH_TEXT_DENIED] = "アクセスは拒否されました。",
		[OAUTH_TEXT_DENIED_TOLD] = "アプリケーションには何も渡されていません。このページを閉じてか"
		"まいません。",
		[OAUTH_TEXT_CODE] = "あと一歩です",
		[OAUTH_TEXT_CODE_TOLD] = "このコードをアプリケーションに入力してください：",
		[OAUTH_TEXT_ACCOUNT] = "アカウント",
		[OAUTH_TEXT_APPLICATIONS] = "接続済みのアプリケーション",
		[OAUTH_TEXT_NO_APPLICATIONS] = "アカウントにアクセスできるアプリケーションはありません。",
		[OAUTH_TEXT_LAST_USED] = "最後のトークン取得：",
		[OAUTH_TEXT_REVOKE] = "アクセスを取り消す",
		[OAUTH_TEXT_REVOKED] = "アクセスを取り消しました。",
		[OAUTH_TEXT_SESSIONS] = "ログイン中のブラウザー",
		[OAUTH_TEXT_THIS_BROWSER] = "このブラウザー",
		[OAUTH_TEXT_UNKNOWN_BROWSER] = "不明なブラウザー",
		[OAUTH_TEXT_LOGGED_IN_AT] = "ログイン日時：",
		[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "すべてのブラウザーからログアウト",
		[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "すべてのブラウザーからログアウトしました。",
		[OAUTH_TEXT_CHANGE_PASSWORD] = "パスワードを変更",
		[OAUTH_TEXT_OLD_PASSWORD] = "現在のパスワード",
		[OAUTH_TEXT_NEW_PASSWORD] = "新しいパスワード",
		[OAUTH_TEXT_PASSWORD_CHANGED] = "パスワードを変更しました。すべてのアプリケーションとブラ"
		"ウザーからログアウトしました。",
		[OAUTH_TEXT_PASSWORD_REFUSED] = "パスワードは 8 文字以上、72 バイト以内です。",
		[OAUTH_TEXT_ERROR] = "うまくいきませんでした",
		[OAUTH_TEXT_ERROR_TOLD] = "アプリケーションから送られた要求に応答できません。アプリケーシ"
		"ョンに戻ってやり直してください。",
		[OAUTH_TEXT_STALE] = "このページは長く開かれていたか、別のログインのものです。もう一度お試"
		"しください。",
		[OAUTH_TEXT_NO_COOKIE] = "ブラウザーがこのページの Cookie "
		"を送信しませんでした。このサイトの Cookie "
		"を許可してから続行してください。",
		[OAUTH_TEXT_DEVICE] = "デバイスを接続",
		[OAUTH_TEXT_DEVICE_TOLD] = "デバイスに表示されているコードを入力してください。",
		[OAUTH_TEXT_DEVICE_COMPARE] = "お手元のデバイスにこのコードが表示されていますか？ご自身で"
		"始めたものでない場合は、このページを閉じてください。",
		[OAUTH_TEXT_USER_CODE] = "デバイスのコード",
		[OAUTH_TEXT_WRONG_USER_CODE] = "このコードで待機しているデバイスはありません。期限が切れた"
		"可能性があります。デバイスでやり直してください。",
		[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "失敗した回数が多すぎます。しばらく待ってからもう一度お試"
		"しください。",
		[OAUTH_TEXT_DEVICE_DONE] = "デバイスが接続されました",
		[OAUTH_TEXT_DEVICE_DONE_TOLD] = "デバイスに戻ってください。まもなく続きが始まります。",
		[OAUTH_TEXT_SECOND_FACTOR] = "2段階認証",
		[OAUTH_TEXT_FACTOR_CODE] = "コード",
		[OAUTH_TEXT_FACTOR_CODE_TOLD] = "認証アプリに表示されているコード、またはリカバリーコード"
		"を入力してください。",
		[OAUTH_TEXT_WRONG_FACTOR_CODE] = "コードが正しくないか、すでに使用されています。",
		[OAUTH_TEXT_FACTOR_OFF] = "スマートフォンの認証アプリを使うと、パスワードだけではログイン"
		"できなくなります。",
		[OAUTH_TEXT_FACTOR_ON] = "認証アプリが設定されています。",
		[OAUTH_TEXT_FACTOR_REQUIRED] = "このアカウントには2段階認証が必要です。認証アプリを設定し"
		"てください。",
		[OAUTH_TEXT_FACTOR_SET_UP] = "認証アプリを設定",
		[OAUTH_TEXT_FACTOR_SCAN] = "この画像を認証アプリで読み取るか、アプリにキーを入力してくださ"
		"い。次に、アプリに表示されたコードを入力してください。",
		[OAUTH_TEXT_FACTOR_KEY] = "キー",
		[OAUTH_TEXT_FACTOR_CONFIRM] = "確認",
		[OAUTH_TEXT_FACTOR_REMOVE] = "認証アプリを解除",
		[OAUTH_TEXT_FACTOR_REMOVED] = "認証アプリを解除しました。",
		[OAUTH_TEXT_RECOVERY_CODES] = "リカバリーコード",
		[OAUTH_TEXT_RECOVERY_CODES_TOLD] = "これらのコードは、スマートフォンが手元にないときにそれ"
		"ぞれ1回だけ使えます。再び表示されないので、安全な場所"
		"に保管してください。",
		[OAUTH_TEXT_RECOVERY_CODES_LEFT] = "残りのリカバリーコード:",
		[OAUTH_TEXT_RECOVERY_CODES_NEW] = "新しいリカバリーコード",
}};
